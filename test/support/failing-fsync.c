/*
 * A disk that fails, for one process: put before the C library by LD_PRELOAD.
 *
 *   FAILING_NAME    text that the path of a file must hold for it to fail, such as "-wal"; a line feed
 *                   in it is the end of the path
 *   FSYNC_FROM      fsync and fdatasync of such files fail with EIO from this call on, 1 being the first
 *   FSYNC_UNTIL     and say from this call on that all is well; left out, they never do
 *   WRITE_FROM      writes to such files fail with ENOSPC from this call on
 *   WRITE_UNTIL     and work again from this call on; left out, they never do
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static long number(const char *name) {
  const char *text = getenv(name);
  return text == NULL ? LONG_MAX : atol(text);
}

static int is_named(int fd) {
  const char *name = getenv("FAILING_NAME");
  char link[64], path[PATH_MAX];
  if (name == NULL) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 2);
  if (length < 0) return 0;
  path[length] = '\n';
  path[length + 1] = 0;
  return strstr(path, name) != NULL;
}

static int sync_fails(int fd) {
  static long calls = 0;
  if (!is_named(fd)) return 0;
  long call = __sync_add_and_fetch(&calls, 1);
  if (call < number("FSYNC_FROM") || call >= number("FSYNC_UNTIL")) return 0;
  errno = EIO;
  return 1;
}

static int write_fails(int fd) {
  static long calls = 0;
  if (!is_named(fd)) return 0;
  long call = __sync_add_and_fetch(&calls, 1);
  if (call < number("WRITE_FROM") || call >= number("WRITE_UNTIL")) return 0;
  errno = ENOSPC;
  return 1;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int fsync(int fd) { return sync_fails(fd) ? -1 : NEXT(fsync)(fd); }

int fdatasync(int fd) { return sync_fails(fd) ? -1 : NEXT(fdatasync)(fd); }

ssize_t write(int fd, const void *bytes, size_t length) {
  return write_fails(fd) ? -1 : NEXT(write)(fd, bytes, length);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) {
  return write_fails(fd) ? -1 : NEXT(pwrite)(fd, bytes, length, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) {
  return write_fails(fd) ? -1 : NEXT(pwrite64)(fd, bytes, length, at);
}
