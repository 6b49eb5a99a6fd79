/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include <time.h>

#include "base/clock.h"

static ns_t fake_now;

ns_t
clock_now(void)
{
	struct timespec ts;

	if (fake_now != 0)
		return fake_now;
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (ns_t)ts.tv_sec * NS_SEC + ts.tv_nsec;
}

void
clock_fake(ns_t now)
{
	fake_now = now;
}
