// Logs every write, truncation, sync and removal below $POWER_FOLDER to $POWER_LOG, in their order.
// A record: kind, length of the name, position, length of the data; the name; the data.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static int out = -1;

static void put(const void *data, size_t size) {
  const char *at = data;
  while (size) {
    ssize_t done = syscall(SYS_write, out, at, size);
    if (done <= 0) abort();
    at += done;
    size -= (size_t)done;
  }
}

static void note(char kind, const char *path, int64_t at, const void *data, uint64_t size) {
  const char *folder = getenv("POWER_FOLDER"), *name = strrchr(path, '/');
  if (!folder || !name || strncmp(path, folder, strlen(folder))) return;
  name++;
  pthread_mutex_lock(&turn);
  if (out < 0) out = open(getenv("POWER_LOG"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  uint64_t head[4] = {(uint64_t)kind, strlen(name), (uint64_t)at, size};
  put(head, sizeof head);
  put(name, head[1]);
  put(data, size);
  pthread_mutex_unlock(&turn);
}

static void note_file(char kind, int file, int64_t at, const void *data, uint64_t size) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return;
  path[length] = 0;
  note(kind, path, at, data, size);
}

#define REAL(name, type) ((type)dlsym(RTLD_NEXT, #name))
typedef ssize_t (*pwrite_t)(int, const void *, size_t, off64_t);
typedef int (*truncate_t)(int, off64_t);
typedef int (*sync_t)(int);
typedef int (*unlink_t)(const char *);

#define PWRITE(name)                                                          \
  ssize_t name(int file, const void *data, size_t size, off64_t at) {         \
    ssize_t done = REAL(name, pwrite_t)(file, data, size, at);                \
    if (done > 0) note_file('W', file, at, data, (uint64_t)done);             \
    return done;                                                              \
  }
#define TRUNCATE(name)                                                        \
  int name(int file, off64_t size) {                                          \
    int failed = REAL(name, truncate_t)(file, size);                          \
    if (!failed) note_file('T', file, size, "", 0);                           \
    return failed;                                                            \
  }
#define SYNC(name)                                                            \
  int name(int file) {                                                        \
    int failed = REAL(name, sync_t)(file);                                    \
    if (!failed) note_file('S', file, 0, "", 0);                              \
    return failed;                                                            \
  }

PWRITE(pwrite)
PWRITE(pwrite64)
TRUNCATE(ftruncate)
TRUNCATE(ftruncate64)
SYNC(fsync)
SYNC(fdatasync)

int unlink(const char *path) {
  int failed = REAL(unlink, unlink_t)(path);
  if (!failed) note('U', path, 0, "", 0);
  return failed;
}
