/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

static enum log_level log_max = LOG_LVL_INFO;
static int log_syslog;

static const struct {
	const char *name;
	int priority;
} levels[] = {
	[LOG_LVL_ERROR] = { "error: ", LOG_ERR },
	[LOG_LVL_WARNING] = { "warning: ", LOG_WARNING },
	[LOG_LVL_INFO] = { "", LOG_INFO },
	[LOG_LVL_DEBUG] = { "debug: ", LOG_DEBUG },
};

void
log_init(enum log_level level, int to_syslog)
{
	log_max = level;
	log_syslog = to_syslog;
	if (to_syslog)
		openlog("podfs", LOG_PID | LOG_NDELAY, LOG_DAEMON);
}

/* Bytes from the server (names) must not forge lines or drive terminals. */
static void
log_clean(char *line)
{
	for (; *line != '\0'; line++)
		if ((unsigned char)*line < ' ' || *line == 0x7f)
			*line = '?';
}

void
log_line(enum log_level level, const char *fmt, ...)
{
	char text[1536];
	char line[1600];
	va_list ap;
	int len;

	if (level > log_max)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_clean(text);
	if (log_syslog) {
		syslog(levels[level].priority, "%s", text);
		return;
	}
	len = snprintf(line, sizeof(line), "podfs: %s%s\n", levels[level].name,
		       text);
	(void)!write(STDERR_FILENO, line, (size_t)len);
}

int
log_allowed(long long *last, int interval_s)
{
	long long now = clock_now();
	long long was = __atomic_load_n(last, __ATOMIC_RELAXED);

	if (was != 0 && now - was < interval_s * NS_SEC)
		return 0;
	return __atomic_compare_exchange_n(last, &was, now, 0, __ATOMIC_RELAXED,
					   __ATOMIC_RELAXED);
}
