// SPDX-License-Identifier: Apache-2.0
/*
 * Stands between a process and its disk (LD_PRELOAD), SQLite included.
 *
 * DISK_FAULTS names a file that is read before each operation. Its lines: <operation> <part of the path> <what>, where the
 * operation is open (for writing or making), write, sync, truncate, rename, unlink or any, and what is an errno as a number,
 * or -n: wait n milliseconds first.
 *
 * DISK_TRACE names a file that gets a record of each change below DISK_TRACED, in order: operation, length of the path
 * (32 bits), number (64 bits), length of the data (32 bits), path, data. A write is noted when it was done, a sync when it
 * begins (S) and when it has worked (s).
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

static int path_of(int fd, char *path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return path[0] == '/';
}

/* 0, or -1 with errno. */
static int fault(const char *operation, const char *path) {
  const char *file = getenv("DISK_FAULTS");
  if (!file || !path) return 0;
  char rules[4096];
  int fd = syscall(SYS_openat, AT_FDCWD, file, O_RDONLY | O_CLOEXEC, 0);
  if (fd < 0) return 0;
  ssize_t length = syscall(SYS_read, fd, rules, sizeof rules - 1);
  syscall(SYS_close, fd);
  if (length <= 0) return 0;
  rules[length] = 0;
  char *rest = NULL;
  for (char *line = strtok_r(rules, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
    char wanted[16], part[256];
    int what;
    if (sscanf(line, "%15s %255s %d", wanted, part, &what) != 3) continue;
    if (strcmp(wanted, "any") && strcmp(wanted, operation)) continue;
    if (!strstr(path, part)) continue;
    if (what > 0) return errno = what, -1;
    struct timespec time = {-what / 1000, (-what % 1000) * 1000000L};
    nanosleep(&time, NULL);
  }
  return 0;
}

static int is_traced(const char *path) {
  const char *folder = getenv("DISK_TRACED");
  return folder && path && !strncmp(path, folder, strlen(folder)) && !strstr(path, " (deleted)");
}

/* The caller has the turn. */
static void note(char operation, const char *path, uint64_t number, const void *data, uint32_t octets) {
  static int trace = -1;
  if (!is_traced(path)) return;
  if (trace < 0) {
    const char *file = getenv("DISK_TRACE");
    if (!file) return;
    trace = syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  }
  uint32_t length = strlen(path);
  char head[17];
  head[0] = operation;
  memcpy(head + 1, &length, 4);
  memcpy(head + 5, &number, 8);
  memcpy(head + 13, &octets, 4);
  struct iovec parts[] = {{head, 17}, {(void *)path, length}, {(void *)data, octets}};
  syscall(SYS_writev, trace, parts, 3);
}

static int opened(int folder, const char *path, int flags, mode_t mode) {
  int changes = flags & (O_CREAT | O_WRONLY | O_RDWR | O_TRUNC);
  if (changes && fault("open", path)) return -1;
  pthread_mutex_lock(&turn);
  int was = syscall(SYS_faccessat, folder, path, F_OK) == 0;
  int fd = syscall(SYS_openat, folder, path, flags, mode);
  int failure = errno;
  if (fd >= 0 && changes) {
    char real[PATH_MAX];
    if (path_of(fd, real)) {
      if (!was) note('C', real, 0, NULL, 0);
      else if (flags & O_TRUNC) note('T', real, 0, NULL, 0);
    }
  }
  pthread_mutex_unlock(&turn);
  errno = failure;
  return fd;
}

#define MODE(flags)                          \
  mode_t mode = 0;                           \
  if ((flags) & (O_CREAT | O_TMPFILE)) {     \
    va_list rest;                            \
    va_start(rest, flags);                   \
    mode = va_arg(rest, mode_t);             \
    va_end(rest);                            \
  }

int open(const char *path, int flags, ...) { MODE(flags) return opened(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags) return opened(AT_FDCWD, path, flags, mode); }
int openat(int folder, const char *path, int flags, ...) { MODE(flags) return opened(folder, path, flags, mode); }
int openat64(int folder, const char *path, int flags, ...) { MODE(flags) return opened(folder, path, flags, mode); }

static ssize_t written(int fd, const void *data, size_t octets, off64_t at) {
  char path[PATH_MAX];
  int known = path_of(fd, path);
  if (known && fault("write", path)) return -1;
  pthread_mutex_lock(&turn);
  if (at < 0 && known && is_traced(path)) at = lseek64(fd, 0, SEEK_CUR);
  ssize_t done = at < 0 ? syscall(SYS_write, fd, data, octets) : syscall(SYS_pwrite64, fd, data, octets, at);
  int failure = errno;
  if (done > 0 && known) note('W', path, at, data, done);
  pthread_mutex_unlock(&turn);
  errno = failure;
  return done;
}

ssize_t write(int fd, const void *data, size_t octets) {
  char path[PATH_MAX];
  // Pipes and terminals are none of our business.
  if (!path_of(fd, path) || !strncmp(path, "/dev/", 5)) return syscall(SYS_write, fd, data, octets);
  if (!is_traced(path)) return fault("write", path) ? -1 : syscall(SYS_write, fd, data, octets);
  return written(fd, data, octets, -1);
}
ssize_t pwrite(int fd, const void *data, size_t octets, off_t at) { return written(fd, data, octets, at); }
ssize_t pwrite64(int fd, const void *data, size_t octets, off64_t at) { return written(fd, data, octets, at); }

static int synced(int fd, long call) {
  char path[PATH_MAX];
  int known = path_of(fd, path);
  pthread_mutex_lock(&turn);
  if (known) note('S', path, fd, NULL, 0);
  pthread_mutex_unlock(&turn);
  if (known && fault("sync", path)) return -1;
  int done = syscall(call, fd);
  int failure = errno;
  pthread_mutex_lock(&turn);
  if (known && done == 0) note('s', path, fd, NULL, 0);
  pthread_mutex_unlock(&turn);
  errno = failure;
  return done;
}

int fsync(int fd) { return synced(fd, SYS_fsync); }
int fdatasync(int fd) { return synced(fd, SYS_fdatasync); }

static int truncated(int fd, off64_t size) {
  char path[PATH_MAX];
  int known = path_of(fd, path);
  if (known && fault("truncate", path)) return -1;
  pthread_mutex_lock(&turn);
  int done = syscall(SYS_ftruncate, fd, size);
  int failure = errno;
  if (known && done == 0) note('T', path, size, NULL, 0);
  pthread_mutex_unlock(&turn);
  errno = failure;
  return done;
}

int ftruncate(int fd, off_t size) { return truncated(fd, size); }
int ftruncate64(int fd, off64_t size) { return truncated(fd, size); }

int rename(const char *from, const char *to) {
  if (fault("rename", to)) return -1;
  pthread_mutex_lock(&turn);
  int done = syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
  int failure = errno;
  if (done == 0) note('R', from, 0, to, strlen(to));
  pthread_mutex_unlock(&turn);
  errno = failure;
  return done;
}

static int unlinked(int folder, const char *path, int flags) {
  if (fault("unlink", path)) return -1;
  pthread_mutex_lock(&turn);
  int done = syscall(SYS_unlinkat, folder, path, flags);
  int failure = errno;
  if (done == 0) note('U', path, 0, NULL, 0);
  pthread_mutex_unlock(&turn);
  errno = failure;
  return done;
}

int unlink(const char *path) { return unlinked(AT_FDCWD, path, 0); }
int unlinkat(int folder, const char *path, int flags) { return unlinked(folder, path, flags); }
int remove(const char *path) {
  int done = unlinked(AT_FDCWD, path, 0);
  return done != 0 && errno == EISDIR ? unlinked(AT_FDCWD, path, AT_REMOVEDIR) : done;
}
