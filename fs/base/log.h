/* SPDX-License-Identifier: Apache-2.0
 *
 * log - one line per event, to stderr or to syslog once we are a daemon.
 *
 * What failed, on what, errno, what happens now.  The layers on the way of a
 * request do not log above debug level: they count.
 *
 * Threading   any thread; a line is written whole.  log_init() only before
 *             threads start.
 */
#ifndef FS_BASE_LOG_H
#define FS_BASE_LOG_H

enum log_level { LOG_LVL_ERROR, LOG_LVL_WARNING, LOG_LVL_INFO, LOG_LVL_DEBUG };

/* Lines above LEVEL are dropped.  TO_SYSLOG: the daemon facility. */
void log_init(enum log_level level, int to_syslog);

void log_line(enum log_level level, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#define log_error(...) log_line(LOG_LVL_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LVL_WARNING, __VA_ARGS__)
#define log_info(...) log_line(LOG_LVL_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_LVL_DEBUG, __VA_ARGS__)

/* True at most once in INTERVAL_S seconds for each *LAST (one static per call
 * site): what a broken server makes us say must not fill the disk. */
int log_allowed(long long *last, int interval_s);

#endif
