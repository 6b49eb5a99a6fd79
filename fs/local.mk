# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += %D%/libfs.a
bin_PROGRAMS += podfs

%C%_libfs_a_CFLAGS = $(AM_CFLAGS) $(FUSE3_CFLAGS) $(LIBNFS_CFLAGS) \
	$(INIH_CFLAGS) $(XXHASH_CFLAGS)
%C%_libfs_a_SOURCES = \
	%D%/base/banned.h \
	%D%/base/buf.c %D%/base/buf.h \
	%D%/base/clock.c %D%/base/clock.h \
	%D%/base/count.c %D%/base/count.h %D%/base/count.def \
	%D%/base/err.c %D%/base/err.h \
	%D%/base/lck.c %D%/base/lck.h %D%/base/lck.def \
	%D%/base/log.c %D%/base/log.h \
	%D%/base/loop.c %D%/base/loop.h \
	%D%/base/mem.h \
	%D%/base/slab.c %D%/base/slab.h \
	%D%/rpc/nfs.h %D%/rpc/nfs_types.h \
	%D%/rpc/nfs_ask.c %D%/rpc/nfs_libnfs.h \
	%D%/rpc/nfs_client.c %D%/rpc/nfs_client.h \
	%D%/rpc/nfs_err.c %D%/rpc/nfs_err.h \
	%D%/rpc/nfs_mount.c \
	%D%/rpc/nfs_replay.c \
	%D%/rpc/nfs_take.c \
	%D%/rpc/nfs_wire.c %D%/rpc/nfs_wire.h \
	%D%/conf/conf.c %D%/conf/conf.h %D%/conf/conf_int.h \
	%D%/conf/conf_file.c \
	%D%/conf/conf_key.c %D%/conf/keys.def \
	%D%/conf/conf_opts.c \
	%D%/conf/conf_source.c \
	%D%/conf/conf_usage.c \
	%D%/conf/conf_value.c \
	%D%/meta/dirs.c %D%/meta/dirs.h \
	%D%/meta/itable.c %D%/meta/itable.h %D%/meta/itable_int.h \
	%D%/meta/itable_attr.c \
	%D%/meta/itable_hide.c \
	%D%/data/extents.c %D%/data/extents.h \
	%D%/data/fill.c %D%/data/fill.h \
	%D%/data/kept.c %D%/data/kept.h \
	%D%/data/wback.c %D%/data/wback.h \
	%D%/front/fresh.c %D%/front/fresh.h \
	%D%/front/fs.c %D%/front/fs.h \
	%D%/front/notify.c %D%/front/notify.h \
	%D%/front/op.c %D%/front/op.h \
	%D%/front/op_dir.c \
	%D%/front/op_file.c \
	%D%/front/op_look.c \
	%D%/front/op_make.c \
	%D%/front/op_remove.c \
	%D%/front/session.c %D%/front/session.h \
	%D%/front/who.c %D%/front/who.h

podfs_SOURCES = %D%/main.c
podfs_CFLAGS = $(%C%_libfs_a_CFLAGS)
podfs_LDADD = %D%/libfs.a $(FUSE3_LIBS) $(LIBNFS_LIBS) $(INIH_LIBS) \
	$(XXHASH_LIBS)

dist_man_MANS += %D%/podfs.8 %D%/podfs.ini.5 %D%/mount.fuse.podfs.8

# mount -t podfs and -t fuse.podfs: the same program by another name.  mount(8)
# looks in /sbin, so configure with --prefix=/usr to have the first; for the
# second the helper of fuse3 finds podfs in the PATH as well.
install-exec-hook:
	$(MKDIR_P) $(DESTDIR)$(sbindir)
	for name in mount.podfs mount.fuse.podfs; do \
		rm -f $(DESTDIR)$(sbindir)/$$name && \
		$(LN_S) $(bindir)/podfs $(DESTDIR)$(sbindir)/$$name || exit 1; \
	done

uninstall-hook:
	rm -f $(DESTDIR)$(sbindir)/mount.podfs \
		$(DESTDIR)$(sbindir)/mount.fuse.podfs
