/* SPDX-License-Identifier: Apache-2.0
 *
 * banned - functions that nobody should call; force-included by the lint.
 */
#ifndef FS_BASE_BANNED_H
#define FS_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison strcpy strcat sprintf vsprintf strtok atoi atol gmtime
#pragma GCC poison localtime alloca

#endif
