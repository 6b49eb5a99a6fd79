/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"

int
err_set(struct err *err, int code, const char *fmt, ...)
{
	va_list ap;

	if (err == NULL)
		return code;
	err->code = code;
	va_start(ap, fmt);
	(void)vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
	va_end(ap);
	return code;
}

int
err_wrap(struct err *err, const char *fmt, ...)
{
	char what[sizeof(err->msg)];
	char whole[2 * sizeof(err->msg) + 2]; /* ": " */
	va_list ap;

	if (err == NULL)
		return -1;
	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	(void)snprintf(whole, sizeof(whole), "%s: %s", what, err->msg);
	whole[sizeof(err->msg) - 1] = '\0';
	memcpy(err->msg, whole, strlen(whole) + 1);
	return err->code;
}
