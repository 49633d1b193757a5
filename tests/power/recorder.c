/* Writes down, in their order, what a program writes to the files of one folder and what it has the system flush: loaded into
 * a child of the test by LD_PRELOAD, read by src-tauri/desk/src/store/sqlite/tests/cuts.rs.
 *
 * WAYBILL_RECORD_UNDER: the folder. WAYBILL_RECORD_TO: the record. One entry, little endian as this machine is:
 *   u8 what ('o' open with O_CREAT, 'w' write, 't' truncate, 's' flush, 'u' unlink) | u32 length of the name | u64 offset or
 *   size | u64 length of the data | name within the folder | data
 * Not written down: mmap (SQLite's -shm, which does not outlive a power cut). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define FILES 4096
static char names[FILES][PATH_MAX];
static char under[PATH_MAX];
static size_t under_length;
static int record = -1;
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void begin(void) {
  const char *folder = getenv("WAYBILL_RECORD_UNDER"), *to = getenv("WAYBILL_RECORD_TO");
  if (!folder || !to) return;
  strncpy(under, folder, sizeof under - 1);
  under_length = strlen(under);
  record = (int)syscall(SYS_openat, AT_FDCWD, to, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/* The name within the folder; NULL for files elsewhere. */
static const char *inside(const char *path) {
  if (record < 0 || !path || strncmp(path, under, under_length) != 0) return NULL;
  path += under_length;
  return *path == '/' ? path + 1 : *path == 0 ? "." : NULL;
}

static void put(char what, const char *name, uint64_t offset, const void *data, uint64_t length) {
  uint32_t name_length = (uint32_t)strlen(name);
  char head[21];
  head[0] = what;
  memcpy(head + 1, &name_length, 4);
  memcpy(head + 5, &offset, 8);
  memcpy(head + 13, &length, 8);
  struct iovec parts[3] = {{head, 21}, {(void *)name, name_length}, {(void *)data, length}};
  if (syscall(SYS_writev, record, parts, 3) != (long)(21 + name_length + length)) abort();
}

static const char *name_of(int fd) { return fd >= 0 && fd < FILES && names[fd][0] ? names[fd] : NULL; }

static int opened(int fd, const char *path, int flags) {
  if (fd < 0 || fd >= FILES) return fd;
  const char *name = inside(path);
  pthread_mutex_lock(&turn);
  names[fd][0] = 0;
  if (name) {
    strncpy(names[fd], name, PATH_MAX - 1);
    if (flags & O_CREAT) put('o', name, 0, "", 0);
    if (flags & O_TRUNC) put('t', name, 0, "", 0);
  }
  pthread_mutex_unlock(&turn);
  return fd;
}

static mode_t mode_of(int flags, va_list rest) { return flags & (O_CREAT | O_TMPFILE) ? (mode_t)va_arg(rest, int) : 0; }

#define OPEN(NAME) \
  int NAME(const char *path, int flags, ...) { \
    va_list rest; \
    va_start(rest, flags); \
    mode_t mode = mode_of(flags, rest); \
    va_end(rest); \
    return opened((int)syscall(SYS_openat, AT_FDCWD, path, flags, mode), path, flags); \
  }
OPEN(open)
OPEN(open64)
#define OPENAT(NAME) \
  int NAME(int folder, const char *path, int flags, ...) { \
    va_list rest; \
    va_start(rest, flags); \
    mode_t mode = mode_of(flags, rest); \
    va_end(rest); \
    return opened((int)syscall(SYS_openat, folder, path, flags, mode), path, flags); \
  }
OPENAT(openat)
OPENAT(openat64)

int close(int fd) {
  if (fd >= 0 && fd < FILES) {
    pthread_mutex_lock(&turn);
    names[fd][0] = 0;
    pthread_mutex_unlock(&turn);
  }
  return (int)syscall(SYS_close, fd);
}

static ssize_t wrote(int fd, const void *data, size_t length, off_t offset, int at) {
  pthread_mutex_lock(&turn);
  const char *name = name_of(fd);
  if (name && !at) offset = (off_t)syscall(SYS_lseek, fd, 0, SEEK_CUR);
  ssize_t done = at ? syscall(SYS_pwrite64, fd, data, length, offset) : syscall(SYS_write, fd, data, length);
  /* A file that is written at its end (O_APPEND) stands behind what was just written. */
  if (name && !at && done > 0) offset = (off_t)syscall(SYS_lseek, fd, 0, SEEK_CUR) - done;
  if (name && done > 0) put('w', name, (uint64_t)offset, data, (uint64_t)done);
  pthread_mutex_unlock(&turn);
  return done;
}
ssize_t write(int fd, const void *data, size_t length) { return wrote(fd, data, length, 0, 0); }
ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) { return wrote(fd, data, length, offset, 1); }
ssize_t pwrite64(int fd, const void *data, size_t length, off_t offset) { return wrote(fd, data, length, offset, 1); }

static int cut(int fd, off_t length) {
  pthread_mutex_lock(&turn);
  int done = (int)syscall(SYS_ftruncate, fd, length);
  const char *name = name_of(fd);
  if (name && done == 0) put('t', name, (uint64_t)length, "", 0);
  pthread_mutex_unlock(&turn);
  return done;
}
int ftruncate(int fd, off_t length) { return cut(fd, length); }
int ftruncate64(int fd, off_t length) { return cut(fd, length); }

static int flushed(int fd, long call) {
  pthread_mutex_lock(&turn);
  int done = (int)syscall(call, fd);
  const char *name = name_of(fd);
  if (name && done == 0) put('s', name, 0, "", 0);
  pthread_mutex_unlock(&turn);
  return done;
}
int fsync(int fd) { return flushed(fd, SYS_fsync); }
int fdatasync(int fd) { return flushed(fd, SYS_fdatasync); }

int unlink(const char *path) {
  pthread_mutex_lock(&turn);
  int done = (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
  const char *name = inside(path);
  if (name && done == 0) put('u', name, 0, "", 0);
  pthread_mutex_unlock(&turn);
  return done;
}
