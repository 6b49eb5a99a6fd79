/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes one system call exactly as a test wants it and prints the outcome: "ok", a
 * number, or the name of the errno ("EEXIST").  The exit status is 0 unless the
 * command line is wrong, so that a test compares words:
 *
 *	is "$(try rename a b noreplace)" EEXIST "an existing name is not replaced"
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

struct verb {
	const char *name;
	int args; /* at least */
	int (*run)(char **av);
	const char *usage;
};

static int
say(long rc)
{
	if (rc < 0)
		puts(strerrorname_np(errno));
	else
		puts("ok");
	return 0;
}

static int
say_number(long long n)
{
	if (n < 0)
		puts(strerrorname_np(errno));
	else
		printf("%lld\n", n);
	return 0;
}

static void __attribute__((noreturn)) die(const char *what)
{
	fprintf(stderr, "try: %s\n", what);
	exit(2);
}

static int
open_flags(const char *words)
{
	static const struct {
		const char *name;
		int flag;
	} table[] = {
		{ "r", O_RDONLY },
		{ "w", O_WRONLY },
		{ "rw", O_RDWR },
		{ "creat", O_CREAT },
		{ "excl", O_EXCL },
		{ "trunc", O_TRUNC },
		{ "append", O_APPEND },
		{ "direct", O_DIRECT },
		{ "directory", O_DIRECTORY },
		{ "nofollow", O_NOFOLLOW },
		{ "sync", O_SYNC },
		{ "path", O_PATH },
		{ "tmpfile", O_TMPFILE },
	};
	char copy[128], *save, *word;
	int flags = 0;
	size_t i;

	snprintf(copy, sizeof(copy), "%s", words);
	for (word = strtok_r(copy, ",", &save); word;
	     word = strtok_r(NULL, ",", &save)) {
		for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
			if (strcmp(word, table[i].name) == 0)
				break;
		if (i == sizeof(table) / sizeof(table[0]))
			die("unknown open flag");
		flags |= table[i].flag;
	}
	return flags;
}

static int
must_open(const char *path, int flags)
{
	int fd = open(path, flags, 0644);

	if (fd < 0) {
		printf("open: %s\n", strerrorname_np(errno));
		exit(0);
	}
	return fd;
}

static int
fd_word(const char *word)
{
	return (int)strtol(word, NULL, 10);
}

static struct timespec
time_word(const char *word)
{
	struct timespec ts = { 0, 0 };
	char *end;

	if (strcmp(word, "now") == 0) {
		ts.tv_nsec = UTIME_NOW;
	} else if (strcmp(word, "omit") == 0) {
		ts.tv_nsec = UTIME_OMIT;
	} else {
		ts.tv_sec = strtoll(word, &end, 10);
		if (*end == '.')
			ts.tv_nsec =
				strtol(end + 1, NULL, 10); /* nine digits */
	}
	return ts;
}

static int
do_open(char **av)
{
	return say(open(av[1], open_flags(av[0]), 0644));
}

static int
do_mkdir(char **av)
{
	return say(mkdir(av[0], 0755));
}

static int
do_rmdir(char **av)
{
	return say(rmdir(av[0]));
}

static int
do_unlink(char **av)
{
	return say(unlink(av[0]));
}

static int
do_rename(char **av)
{
	unsigned flags = 0;

	if (av[2] && strcmp(av[2], "noreplace") == 0)
		flags = RENAME_NOREPLACE;
	else if (av[2] && strcmp(av[2], "exchange") == 0)
		flags = RENAME_EXCHANGE;
	else if (av[2] && strcmp(av[2], "whiteout") == 0)
		flags = RENAME_WHITEOUT;
	return say(renameat2(AT_FDCWD, av[0], AT_FDCWD, av[1], flags));
}

static int
do_link(char **av)
{
	return say(link(av[0], av[1]));
}

static int
do_symlink(char **av)
{
	return say(symlink(av[0], av[1]));
}

static int
do_readlink(char **av)
{
	char buf[8192];
	ssize_t n = readlink(av[0], buf, sizeof(buf));

	if (n < 0)
		return say(-1);
	fwrite(buf, 1, (size_t)n, stdout);
	putchar('\n');
	return 0;
}

static int
do_mknod(char **av)
{
	mode_t type = 0;

	if (strcmp(av[1], "fifo") == 0)
		type = S_IFIFO;
	else if (strcmp(av[1], "socket") == 0)
		type = S_IFSOCK;
	else if (strcmp(av[1], "char") == 0)
		type = S_IFCHR;
	else if (strcmp(av[1], "block") == 0)
		type = S_IFBLK;
	else if (strcmp(av[1], "file") == 0)
		type = S_IFREG;
	else
		die("unknown type");
	return say(mknod(av[0], type | 0640, makedev(7, 300)));
}

static int
do_chmod(char **av)
{
	return say(chmod(av[0], (mode_t)strtoul(av[1], NULL, 8)));
}

static int
do_chown(char **av)
{
	return say(lchown(av[0], (uid_t)strtol(av[1], NULL, 10),
			  (gid_t)strtol(av[2], NULL, 10)));
}

static int
do_truncate(char **av)
{
	return say(truncate(av[0], strtoll(av[1], NULL, 0)));
}

/* by descriptor: the kernel sends no path */
static int
do_ftruncate(char **av)
{
	return say(
		ftruncate(must_open(av[0], O_RDWR), strtoll(av[1], NULL, 0)));
}

static int
do_utimens(char **av)
{
	struct timespec ts[2] = { time_word(av[1]), time_word(av[2]) };

	return say(utimensat(AT_FDCWD, av[0], ts, AT_SYMLINK_NOFOLLOW));
}

static int
do_access(char **av)
{
	int mode = F_OK;

	if (strchr(av[1], 'r'))
		mode |= R_OK;
	if (strchr(av[1], 'w'))
		mode |= W_OK;
	if (strchr(av[1], 'x'))
		mode |= X_OK;
	return say(access(av[0], mode));
}

static int
do_getxattr(char **av)
{
	char buf[256];

	return say(getxattr(av[0], av[1], buf, sizeof(buf)));
}

static int
do_setxattr(char **av)
{
	return say(setxattr(av[0], av[1], "v", 1, 0));
}

static int
do_listxattr(char **av)
{
	char buf[256];

	return say_number(listxattr(av[0], buf, sizeof(buf)));
}

static int
do_removexattr(char **av)
{
	return say(removexattr(av[0], av[1]));
}

static int
do_fallocate(char **av)
{
	int mode = av[3] && strcmp(av[3], "punch") == 0
			   ? FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE
			   : 0;

	return say(fallocate(must_open(av[0], O_RDWR), mode,
			     strtoll(av[1], NULL, 0), strtoll(av[2], NULL, 0)));
}

static int
do_posix_fallocate(char **av)
{
	errno = posix_fallocate(must_open(av[0], O_RDWR),
				strtoll(av[1], NULL, 0),
				strtoll(av[2], NULL, 0));
	return say(errno ? -1 : 0);
}

static int
do_seek(char **av)
{
	int whence = SEEK_SET;

	if (strcmp(av[1], "data") == 0)
		whence = SEEK_DATA;
	else if (strcmp(av[1], "hole") == 0)
		whence = SEEK_HOLE;
	else if (strcmp(av[1], "end") == 0)
		whence = SEEK_END;
	return say_number(lseek(must_open(av[0], O_RDONLY),
				strtoll(av[2], NULL, 0), whence));
}

static int
do_copyrange(char **av)
{
	int in = must_open(av[0], O_RDONLY),
	    out = must_open(av[1], O_WRONLY | O_CREAT);
	long long left = strtoll(av[2], NULL, 0), done = 0;
	ssize_t n;

	while (left > 0) {
		n = copy_file_range(in, NULL, out, NULL, (size_t)left, 0);
		if (n < 0)
			return say(-1);
		if (n == 0)
			break;
		left -= n;
		done += n;
	}
	return say_number(done);
}

static int
do_fsync(char **av)
{
	return say(fsync(must_open(av[0], O_RDONLY)));
}

static int
do_fdatasync(char **av)
{
	return say(fdatasync(must_open(av[0], O_RDONLY)));
}

/* pwrite PATH OFFSET TEXT */
static int
do_pwrite(char **av)
{
	return say_number(pwrite(must_open(av[0], O_WRONLY | O_CREAT), av[2],
				 strlen(av[2]), strtoll(av[1], NULL, 0)));
}

/* append PATH TEXT COUNT: one write() each */
static int
do_append(char **av)
{
	int fd = must_open(av[0], O_WRONLY | O_APPEND | O_CREAT);
	long i, count = strtol(av[2], NULL, 10);

	for (i = 0; i < count; i++)
		if (write(fd, av[1], strlen(av[1])) != (ssize_t)strlen(av[1]))
			return say(-1);
	return say(close(fd));
}

/* direct PATH BYTES: write a pattern with O_DIRECT, read it back with O_DIRECT */
static int
do_direct(char **av)
{
	size_t len = strtoul(av[1], NULL, 0), i;
	unsigned char *out, *in;
	int fd = must_open(av[0], O_RDWR | O_CREAT | O_DIRECT);

	if (posix_memalign((void **)&out, 4096, len) ||
	    posix_memalign((void **)&in, 4096, len))
		die("no memory");
	for (i = 0; i < len; i++)
		out[i] = (unsigned char)(i * 7 + i / 4096);
	memset(in, 0, len);
	if (pwrite(fd, out, len, 0) != (ssize_t)len)
		return say(-1);
	if (pread(fd, in, len, 0) != (ssize_t)len)
		return say(-1);
	puts(memcmp(in, out, len) == 0 ? "ok" : "differs");
	free(in);
	free(out);
	return 0;
}

/* mmap PATH shared|private OFFSET TEXT: write through the map; msync if shared */
static int
do_mmap(char **av)
{
	int shared = strcmp(av[1], "shared") == 0;
	size_t off = strtoul(av[2], NULL, 0), len = off + strlen(av[3]);
	char *map = mmap(NULL, len, PROT_READ | PROT_WRITE,
			 shared ? MAP_SHARED : MAP_PRIVATE,
			 must_open(av[0], O_RDWR), 0);

	if (map == MAP_FAILED)
		return say(-1);
	memcpy(map + off, av[3], strlen(av[3]));
	if (shared && msync(map, len, MS_SYNC) < 0)
		return say(-1);
	return say(munmap(map, len));
}

/* mapread PATH OFFSET BYTES */
static int
do_mapread(char **av)
{
	size_t off = strtoul(av[1], NULL, 0), len = strtoul(av[2], NULL, 0);
	char *map = mmap(NULL, off + len, PROT_READ, MAP_SHARED,
			 must_open(av[0], O_RDONLY), 0);

	if (map == MAP_FAILED)
		return say(-1);
	fwrite(map + off, 1, len, stdout);
	putchar('\n');
	return 0;
}

/* list PATH: the names of one pass of readdir, as they come, no '.' and '..' */
static int
do_list(char **av)
{
	DIR *dir = opendir(av[0]);
	struct dirent *e;

	if (!dir)
		return say(-1);
	errno = 0;
	while ((e = readdir(dir)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			puts(e->d_name);
	if (errno)
		say(-1);
	closedir(dir);
	return 0;
}

/* seekdir PATH: from each remembered place the same names follow */
static int
do_seekdir(char **av)
{
	enum { MAX = 20000 };
	static char *names[MAX];
	static long places[MAX];
	DIR *dir = opendir(av[0]);
	struct dirent *e;
	int n = 0, i;

	if (!dir)
		return say(-1);
	for (places[0] = telldir(dir);
	     n < MAX - 1 && (e = readdir(dir)) != NULL;
	     places[n] = telldir(dir))
		names[n++] = strdup(e->d_name);
	for (i = n - 1; i >= 0; i -= n / 50 + 1) {
		seekdir(dir, places[i]);
		e = readdir(dir);
		if (!e || strcmp(e->d_name, names[i]) != 0) {
			printf("at %d of %d: %s, not %s\n", i, n,
			       e ? e->d_name : "(end)", names[i]);
			return 0;
		}
	}
	rewinddir(dir);
	e = readdir(dir);
	if (!e || strcmp(e->d_name, names[0]) != 0)
		return puts("rewinddir: another name"), 0;
	return say(closedir(dir));
}

/* hits COUNT PATH: open, fstat, read all, close */
static int
do_hits(char **av)
{
	static char buf[1 << 16];
	long i, count = strtol(av[0], NULL, 10);
	struct stat st;

	for (i = 0; i < count; i++) {
		int fd = must_open(av[1], O_RDONLY);

		if (fstat(fd, &st) < 0)
			return say(-1);
		while (read(fd, buf, sizeof(buf)) > 0)
			;
		close(fd);
	}
	return say(0);
}

/* flock PATH ex|sh: try without waiting */
static int
do_flock(char **av)
{
	return say(flock(must_open(av[0], O_RDWR),
			 (strcmp(av[1], "ex") == 0 ? LOCK_EX : LOCK_SH) |
				 LOCK_NB));
}

static int
try_fcntl_lock(char **av, int cmd)
{
	struct flock fl = { 0 };

	fl.l_type = strcmp(av[1], "ex") == 0 ? F_WRLCK : F_RDLCK;
	fl.l_whence = SEEK_SET;
	fl.l_start = strtoll(av[2], NULL, 0);
	fl.l_len = strtoll(av[3], NULL, 0);
	return fcntl(must_open(av[0], O_RDWR), cmd, &fl);
}

/* lock PATH ex|sh START LEN: try without waiting */
static int
do_lock(char **av)
{
	return say(try_fcntl_lock(av, F_SETLK));
}

/* hold flock|lock ARGS...: take it, say so, keep it until stdin ends */
static int
do_hold(char **av)
{
	char c;

	if (strcmp(av[0], "flock") == 0)
		do_flock(av + 1);
	else
		say(try_fcntl_lock(av + 1, F_SETLK));
	fflush(stdout);
	while (read(0, &c, 1) > 0)
		;
	return 0;
}

static int
do_statvfs(char **av)
{
	struct statvfs s;

	if (statvfs(av[0], &s) < 0)
		return say(-1);
	printf("bytes=%llu free=%llu avail=%llu files=%llu namemax=%lu\n",
	       (unsigned long long)s.f_blocks * s.f_frsize,
	       (unsigned long long)s.f_bfree * s.f_frsize,
	       (unsigned long long)s.f_bavail * s.f_frsize,
	       (unsigned long long)s.f_files, s.f_namemax);
	return 0;
}

/* fstat FD FORMAT-LETTER: of an inherited descriptor */
static int
do_fstat(char **av)
{
	struct stat st;

	if (fstat(fd_word(av[0]), &st) < 0)
		return say(-1);
	return say_number(av[1][0] == 'h' ? (long long)st.st_nlink
					  : (long long)st.st_size);
}

/* pread FD OFFSET BYTES: of an inherited descriptor */
static int
do_pread(char **av)
{
	static char buf[1 << 20];
	ssize_t n = pread(fd_word(av[0]), buf, strtoul(av[2], NULL, 0),
			  strtoll(av[1], NULL, 0));

	if (n < 0)
		return say(-1);
	fwrite(buf, 1, (size_t)n, stdout);
	putchar('\n');
	return 0;
}

/* fpwrite FD OFFSET TEXT */
static int
do_fpwrite(char **av)
{
	return say_number(pwrite(fd_word(av[0]), av[2], strlen(av[2]),
				 strtoll(av[1], NULL, 0)));
}

/* ffsync FD; fclose FD: what fsync and close of an inherited descriptor say */
static int
do_ffsync(char **av)
{
	return say(fsync(fd_word(av[0])));
}

/* stream PATH BLOCKS: 64 KiB blocks that name themselves; a short line for each
 * failure, and fsync and close at the end */
static int
do_stream(char **av)
{
	static char block[65536];
	long i, count = strtol(av[1], NULL, 10);
	int fd = must_open(av[0], O_WRONLY | O_CREAT | O_TRUNC);

	for (i = 0; i < count; i++) {
		memset(block, 'a' + (int)(i % 26), sizeof(block));
		snprintf(block, sizeof(block), "block %ld\n", i);
		if (write(fd, block, sizeof(block)) != (ssize_t)sizeof(block))
			return say(-1);
	}
	if (fsync(fd) < 0)
		return say(-1);
	return say(close(fd));
}

/* checkstream PATH BLOCKS: that it is all there */
static int
do_checkstream(char **av)
{
	static char want[65536], got[65536];
	long i, count = strtol(av[1], NULL, 10);
	int fd = must_open(av[0], O_RDONLY);

	for (i = 0; i < count; i++) {
		memset(want, 'a' + (int)(i % 26), sizeof(want));
		snprintf(want, sizeof(want), "block %ld\n", i);
		if (read(fd, got, sizeof(got)) != (ssize_t)sizeof(got) ||
		    memcmp(got, want, sizeof(got)) != 0) {
			printf("block %ld is wrong\n", i);
			return 0;
		}
	}
	puts(read(fd, got, 1) == 0 ? "ok" : "too long");
	return 0;
}

/* bind PATH: a unix socket; connect to it too */
static int
do_bind(char **av)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, SOCK_STREAM, 0),
	    c = socket(AF_UNIX, SOCK_STREAM, 0);

	if (strlen(av[0]) >= sizeof(sun.sun_path))
		die("path too long for a socket");
	memcpy(sun.sun_path, av[0], strlen(av[0]) + 1);
	if (bind(s, (struct sockaddr *)&sun, sizeof(sun)) < 0 ||
	    listen(s, 1) < 0)
		return say(-1);
	return say(connect(c, (struct sockaddr *)&sun, sizeof(sun)));
}

static const struct verb verbs[] = {
	{ "open", 2, do_open, "FLAGS PATH" },
	{ "mkdir", 1, do_mkdir, "PATH" },
	{ "rmdir", 1, do_rmdir, "PATH" },
	{ "unlink", 1, do_unlink, "PATH" },
	{ "rename", 2, do_rename, "FROM TO [noreplace|exchange|whiteout]" },
	{ "link", 2, do_link, "FROM TO" },
	{ "symlink", 2, do_symlink, "TARGET PATH" },
	{ "readlink", 1, do_readlink, "PATH" },
	{ "mknod", 2, do_mknod, "PATH fifo|socket|char|block|file" },
	{ "bind", 1, do_bind, "PATH" },
	{ "chmod", 2, do_chmod, "PATH OCTAL" },
	{ "chown", 3, do_chown, "PATH UID GID" },
	{ "truncate", 2, do_truncate, "PATH SIZE" },
	{ "ftruncate", 2, do_ftruncate, "PATH SIZE" },
	{ "utimens", 3, do_utimens,
	  "PATH ATIME MTIME (SEC.NNNNNNNNN, now, omit)" },
	{ "access", 2, do_access, "PATH [rwx]" },
	{ "getxattr", 2, do_getxattr, "PATH NAME" },
	{ "setxattr", 2, do_setxattr, "PATH NAME" },
	{ "listxattr", 1, do_listxattr, "PATH" },
	{ "removexattr", 2, do_removexattr, "PATH NAME" },
	{ "fallocate", 3, do_fallocate, "PATH OFFSET LEN [punch]" },
	{ "posix_fallocate", 3, do_posix_fallocate, "PATH OFFSET LEN" },
	{ "seek", 3, do_seek, "PATH set|data|hole|end OFFSET" },
	{ "copyrange", 3, do_copyrange, "FROM TO BYTES" },
	{ "fsync", 1, do_fsync, "PATH" },
	{ "fdatasync", 1, do_fdatasync, "PATH" },
	{ "pwrite", 3, do_pwrite, "PATH OFFSET TEXT" },
	{ "append", 3, do_append, "PATH TEXT COUNT" },
	{ "direct", 2, do_direct, "PATH BYTES" },
	{ "mmap", 4, do_mmap, "PATH shared|private OFFSET TEXT" },
	{ "mapread", 3, do_mapread, "PATH OFFSET BYTES" },
	{ "list", 1, do_list, "PATH" },
	{ "seekdir", 1, do_seekdir, "PATH" },
	{ "hits", 2, do_hits, "COUNT PATH" },
	{ "flock", 2, do_flock, "PATH ex|sh" },
	{ "lock", 4, do_lock, "PATH ex|sh START LEN" },
	{ "hold", 3, do_hold, "flock|lock ARGS..." },
	{ "statvfs", 1, do_statvfs, "PATH" },
	{ "fstat", 2, do_fstat, "FD h|s" },
	{ "pread", 3, do_pread, "FD OFFSET BYTES" },
	{ "fpwrite", 3, do_fpwrite, "FD OFFSET TEXT" },
	{ "ffsync", 1, do_ffsync, "FD" },
	{ "stream", 2, do_stream, "PATH BLOCKS" },
	{ "checkstream", 2, do_checkstream, "PATH BLOCKS" },
};

int
main(int ac, char **av)
{
	size_t i;

	signal(SIGXFSZ,
	       SIG_IGN); /* beyond RLIMIT_FSIZE: EFBIG, and we live to say so */
	for (i = 0; ac > 1 && i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(av[1], verbs[i].name) == 0 &&
		    ac - 2 >= verbs[i].args)
			return verbs[i].run(av + 2);
	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		fprintf(stderr, "try %s %s\n", verbs[i].name, verbs[i].usage);
	return ac > 1 && strcmp(av[1], "--help") == 0 ? 0 : 2;
}
