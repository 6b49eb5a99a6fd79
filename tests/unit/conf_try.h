/* SPDX-License-Identifier: Apache-2.0
 *
 * conf_try - conf_parse() on what a test writes, and what came of it.
 */
#ifndef TESTS_UNIT_CONF_TRY_H
#define TESTS_UNIT_CONF_TRY_H

#include <stddef.h>

#include "conf/conf.h"

/* A directory for all tests of the program, usable as a mount point, the file
 * in it that try_ini() writes, and the results of the last try. */
extern char try_dir[];
extern char try_ini_path[];
extern struct conf try_conf;
extern enum conf_action try_action;
extern struct err try_err;

int try_setup_group(void **state);
int try_teardown_group(void **state);
int try_teardown(void **state);

/* argv[0], then words up to a NULL.  All return what conf_parse() did. */
int try_args(const char *argv0, ...) __attribute__((sentinel));
int try_opts(const char *opts); /* podfs h:/e DIR -o OPTS */
int try_source(const char *source); /* podfs SOURCE DIR */
int try_ini(const char *text); /* podfs h:/e DIR --config FILE */
int try_bytes(const char *text, size_t len);
int try_places(const char *arg1, const char *arg2); /* podfs --config FILE... */

/* The message has these words (up to a NULL), in this order. */
void try_says(const char *first, ...) __attribute__((sentinel));

#endif
