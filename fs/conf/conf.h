/* SPDX-License-Identifier: Apache-2.0
 *
 * conf - what the command line and the INI file say, checked.
 *
 * One table, keys.def, gives each key its field, default, bounds, --help line
 * and place in podfs.ini(5).  A value that is not allowed is refused with where
 * it stood (file and line, or -o), the key and what is allowed.
 *
 * Threading   start-up only; a struct conf is const afterwards.
 * Ownership   strings belong to the struct conf.
 */
#ifndef FS_CONF_CONF_H
#define FS_CONF_CONF_H

#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"

#define CONF_ID_UNSET (-1)

/* The C types of the kinds that keys.def uses. */
typedef int conf_flag;
typedef uint32_t conf_count;
typedef uint64_t conf_size; /* bytes */
typedef ns_t conf_duration;
typedef int64_t conf_id; /* uid or gid, CONF_ID_UNSET when not given */
typedef char *conf_text;

struct conf {
#define CONF(kind, name, def, min, max, what) conf_##kind name;
#include "conf/keys.def"
#undef CONF
	char *host; /* of SOURCE: name, IPv4 or IPv6 without brackets */
	char *export; /* of SOURCE: begins with '/' */
	char *source; /* SOURCE as given: the mount's fsname */
	char *mountpoint; /* absolute path */
	char *mount_opts; /* kernel mount options passed on, "noatime,exec" or "" */
	int foreground; /* -f or -d */
	int debug; /* -d */
};

enum conf_action {
	CONF_MOUNT,
	CONF_HELP, /* --help: print conf_usage() on stdout, exit 0 */
	CONF_VERSION, /* --version */
	CONF_NOTHING, /* mount -f ("fake"): all is checked, do not mount */
};

/* Parse the command line (and the file that --config names; what -o says wins
 * over the file, the file over a query in nfs://host/export?key=value).  When
 * argv[0] is mount.podfs or mount.fuse.podfs, also mount(8)'s -n -s -v -t -f.
 * RET is initialised in any case: conf_fini() it.  Returns 0 or -EINVAL,
 * -ENOENT (no such file)... with ERR in words. */
int conf_parse(int argc, char **argv, struct conf *ret,
	       enum conf_action *ret_action, struct err *err);
void conf_fini(struct conf *c);

/* The --help text, keys included; static storage. */
const char *conf_usage(void);

#endif
