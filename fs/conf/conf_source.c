/* SPDX-License-Identifier: Apache-2.0
 *
 * SOURCE has two forms.  host:/export is taken literally, as mount.nfs does.
 * nfs://host[:port]/export[?key=value&...] is a URL (RFC 2224, with libnfs's
 * query): its parts are percent-decoded.
 */
#include <config.h>

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "conf/conf_int.h"

#define HOST_MAX 255
#define EXPORT_MAX 1023 /* MNTPATHLEN is 1024, RFC 1813 5.1.1 */
#define BARE_IPV6 "an IPv6 address must stand in brackets: "
#define FORMS "host:/export or nfs://host[:port]/export"

/* libnfs's names for what we call otherwise. */
static const char *const query_alias[][2] = {
	{ "nfsport", "port" },
};

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Decode %XX in place.  A NUL cannot be meant. */
static int
percent_decode(char *text, struct err *err)
{
	const char *from = text;
	char *to = text;

	while (*from != '\0') {
		int high, low;

		if (*from != '%') {
			*to++ = *from++;
			continue;
		}
		high = hex_digit(from[1]);
		low = high < 0 ? -1 : hex_digit(from[2]);
		if (low < 0 || high + low == 0)
			return err_set(err, -EINVAL,
				       "'%.3s': after %% two hexadecimal "
				       "digits are expected, and not 00",
				       from);
		*to++ = (char)(high * 16 + low);
		from += 3;
	}
	*to = '\0';
	return 0;
}

/* Is HOST an IPv6 address, perhaps with a %scope? */
static int
is_ipv6(const char *host)
{
	char addr[INET6_ADDRSTRLEN];
	size_t len = strcspn(host, "%");
	struct in6_addr in6;

	if (len >= sizeof(addr))
		return 0;
	memcpy(addr, host, len);
	addr[len] = '\0';
	return inet_pton(AF_INET6, addr, &in6) == 1;
}

static int
check_host(const char *host, int in_brackets, struct err *err)
{
	const char *p;

	if (host[0] == '\0')
		return err_set(err, -EINVAL,
			       "the host is missing: give " FORMS);
	if (in_brackets) {
		if (is_ipv6(host))
			return 0;
		return err_set(err, -EINVAL, "'[%s]' is not an IPv6 address",
			       host);
	}
	if (strlen(host) > HOST_MAX)
		return err_set(err, -EINVAL,
			       "the host name is longer than %d bytes",
			       HOST_MAX);
	for (p = host; *p != '\0'; p++)
		if (!isalnum((unsigned char)*p) && strchr("-._", *p) == NULL)
			return err_set(err, -EINVAL,
				       "'%s' is not a host name or address",
				       host);
	return 0;
}

/* Takes HOST; checks and copies EXPORT, without slashes that say nothing. */
static int
set_where(struct conf *c, char *host_take, int in_brackets, const char *path,
	  struct err *err)
{
	AUTO(mem_drop) char *host = host_take;
	char *copy;
	size_t len;
	int r;

	r = check_host(host, in_brackets, err);
	if (r < 0)
		return r;
	if (path[0] != '/')
		return err_set(err, -EINVAL,
			       "the export must begin with '/': %s:/%s", host,
			       path);
	while (path[1] == '/')
		path++;
	len = strlen(path);
	while (len > 1 && path[len - 1] == '/')
		len--;
	if (len > EXPORT_MAX)
		return err_set(err, -EINVAL,
			       "the export is longer than %d bytes",
			       EXPORT_MAX);
	copy = strndup(path, len);
	if (copy == NULL)
		return err_set(err, -ENOMEM, "no memory");
	free(c->host);
	free(c->export);
	c->host = host;
	c->export = copy;
	host = NULL;
	return 0;
}

/* The host that TEXT begins with, in brackets or up to one of STOP.  The rest
 * is left in *RET_REST.  NULL with ERR set. */
static char *
cut_host(const char *text, const char *stop, int *ret_in_brackets,
	 const char **ret_rest, struct err *err)
{
	const char *begin = text;
	const char *end;
	char *host;

	*ret_in_brackets = text[0] == '[';
	if (*ret_in_brackets) {
		begin++;
		end = strchr(begin, ']');
		if (end == NULL) {
			(void)err_set(err, -EINVAL,
				      "']' is missing after the address");
			return NULL;
		}
		*ret_rest = end + 1;
	} else {
		end = begin + strcspn(begin, stop);
		*ret_rest = end;
	}
	host = strndup(begin, (size_t)(end - begin));
	if (host == NULL)
		(void)err_set(err, -ENOMEM, "no memory");
	return host;
}

/* fe80::1:/export: has the part before the first '/' more than one colon? */
static int
has_bare_ipv6(const char *text)
{
	size_t len = strcspn(text, "/[");
	const char *colon = memchr(text, ':', len);

	if (colon == NULL)
		return 0;
	return memchr(colon + 1, ':', len - (size_t)(colon + 1 - text)) != NULL;
}

static int
parse_plain(struct conf *c, const char *source, struct err *err)
{
	const char *rest;
	int in_brackets;
	char *host;

	if (has_bare_ipv6(source))
		return err_set(err, -EINVAL, BARE_IPV6 "[2001:db8::1]:/export");
	host = cut_host(source, ":", &in_brackets, &rest, err);
	if (host == NULL)
		return err != NULL ? err->code : -EINVAL;
	if (rest[0] != ':') {
		free(host);
		return err_set(err, -EINVAL, "give " FORMS);
	}
	return set_where(c, host, in_brackets, rest + 1, err);
}

/* One key=value of the query; PAIR is decoded in place. */
static int
query_pair(struct conf_build *b, char *pair, struct err *err)
{
	char *value = strchr(pair, '=');
	const char *key = pair;
	size_t i;
	int r;

	if (value != NULL)
		*value++ = '\0';
	r = percent_decode(pair, err);
	if (r == 0 && value != NULL)
		r = percent_decode(value, err);
	if (r < 0)
		return r;
	if (strcmp(key, "version") == 0) {
		if (value != NULL && strcmp(value, "3") == 0)
			return 0;
		return err_set(err, -EINVAL,
			       "version: podfs speaks NFS version 3 only");
	}
	for (i = 0; i < sizeof(query_alias) / sizeof(query_alias[0]); i++)
		if (strcmp(key, query_alias[i][0]) == 0)
			key = query_alias[i][1];
	return conf_key_set(b, CONF_FROM_SOURCE, key, value, err);
}

static int
parse_query(struct conf_build *b, char *query, struct err *err)
{
	char *pair;

	while ((pair = strsep(&query, "&")) != NULL) {
		int r;

		if (pair[0] == '\0')
			continue;
		r = query_pair(b, pair, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* ":port" at *TEXT, if it is there. */
static int
parse_port(struct conf_build *b, const char **text, struct err *err)
{
	AUTO(mem_drop) char *port = NULL;
	size_t len;

	if (**text != ':')
		return 0;
	len = strcspn(*text + 1, "/?");
	port = strndup(*text + 1, len);
	if (port == NULL)
		return err_set(err, -ENOMEM, "no memory");
	*text += 1 + len;
	return conf_key_set(b, CONF_FROM_SOURCE, "port", port, err);
}

static int
parse_url(struct conf_build *b, const char *text, struct err *err)
{
	AUTO(mem_drop) char *path = NULL;
	int in_brackets;
	char *host, *query;
	int r;

	if (has_bare_ipv6(text))
		return err_set(err, -EINVAL,
			       BARE_IPV6 "nfs://[2001:db8::1]/export");
	host = cut_host(text, ":/?", &in_brackets, &text, err);
	if (host == NULL)
		return err != NULL ? err->code : -EINVAL;
	r = percent_decode(host, err);
	if (r == 0)
		r = parse_port(b, &text, err);
	if (r == 0 && text[0] != '/')
		r = err_set(err, -EINVAL,
			    "the export is missing: give nfs://host/export");
	path = r == 0 ? strdup(text) : NULL;
	if (path == NULL) {
		free(host);
		return r < 0 ? r : err_set(err, -ENOMEM, "no memory");
	}
	query = strchr(path, '?');
	if (query != NULL)
		*query++ = '\0';
	r = percent_decode(path, err);
	if (r < 0) {
		free(host);
		return r;
	}
	r = set_where(b->conf, host, in_brackets, path, err);
	return r < 0 ? r : parse_query(b, query, err);
}

int
conf_source_parse(struct conf_build *b, const char *source, struct err *err)
{
	static const char nfs[] = "nfs://";
	const char *scheme_end = strstr(source, "://");
	int r;

	if (strncasecmp(source, nfs, sizeof(nfs) - 1) == 0)
		r = parse_url(b, source + sizeof(nfs) - 1, err);
	else if (strncasecmp(source, "fsx://", 6) == 0 ||
		 strncasecmp(source, "ontap://", 8) == 0)
		r = err_set(err, -EINVAL,
			    "%.*s:// is not supported yet: give " FORMS,
			    (int)(scheme_end - source), source);
	else if (scheme_end != NULL &&
		 !memchr(source, '/', (size_t)(scheme_end - source)))
		r = err_set(err, -EINVAL, "%.*s:// is not known: give " FORMS,
			    (int)(scheme_end - source), source);
	else
		r = parse_plain(b->conf, source, err);
	if (r < 0)
		(void)err_wrap(err, "SOURCE '%.200s%s'", source,
			       strlen(source) > 200 ? "..." : "");
	return r;
}
