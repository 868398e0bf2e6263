/* A clock that is ahead by HINODE_CLOCK_AHEAD seconds, for `make clocks`; 64-bit Linux with glibc.
 * The 8 bytes of the file HINODE_CLOCK_FILE, a number of seconds, move it while processes run.
 *
 * The time of day and the times of files are moved, both ways; pauses and deadlines are not, because
 * they go by the monotonic clock. libfaketime 0.9.10 moves those too, and wakes servers all the time. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long shift(void) {
  static long ahead = -1;
  static volatile long *moved = NULL;
  if (ahead == -1) {
    const char *given = getenv("HINODE_CLOCK_AHEAD"), *path = getenv("HINODE_CLOCK_FILE");
    int file = path ? open(path, O_RDONLY) : -1;
    if (file >= 0) {
      void *seen = mmap(NULL, sizeof *moved, PROT_READ, MAP_SHARED, file, 0);
      if (seen != MAP_FAILED) moved = seen;
      close(file);
    }
    ahead = given ? atol(given) : 0;
  }
  return moved ? ahead + *moved : ahead;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  int result = syscall(SYS_clock_gettime, clock, now);
  if (!result && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += shift();
  return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  struct timespec exact;
  clock_gettime(CLOCK_REALTIME, &exact);
  *now = (struct timeval){exact.tv_sec, exact.tv_nsec / 1000};
  return 0;
}

time_t time(time_t *now) {
  struct timespec exact;
  clock_gettime(CLOCK_REALTIME, &exact);
  if (now) *now = exact.tv_sec;
  return exact.tv_sec;
}

#define READS(name, parameters, arguments, moved)                       \
  int name parameters {                                                 \
    int(*next) parameters = dlsym(RTLD_NEXT, #name);                    \
    int result = next arguments;                                        \
    long by = result ? 0 : shift();                                     \
    if (!result) { moved }                                              \
    return result;                                                      \
  }
#define MOVED s->st_atim.tv_sec += by; s->st_mtim.tv_sec += by; s->st_ctim.tv_sec += by;
#define MOVED_X s->stx_atime.tv_sec += by; s->stx_mtime.tv_sec += by; s->stx_ctime.tv_sec += by;
#define READ(type, end)                                                                          \
  READS(stat##end, (const char *p, struct type *s), (p, s), MOVED)                               \
  READS(lstat##end, (const char *p, struct type *s), (p, s), MOVED)                              \
  READS(fstat##end, (int f, struct type *s), (f, s), MOVED)                                      \
  READS(fstatat##end, (int d, const char *p, struct type *s, int g), (d, p, s, g), MOVED)
READ(stat, )
READ(stat64, 64)
READS(statx, (int d, const char *p, int g, unsigned m, struct statx *s), (d, p, g, m, s), MOVED_X)

static const struct timespec *back(const struct timespec times[2], struct timespec moved[2]) {
  if (times == NULL) return NULL;
  for (int n = 0; n < 2; n++) {
    moved[n] = times[n];
    if (times[n].tv_nsec != UTIME_NOW && times[n].tv_nsec != UTIME_OMIT) moved[n].tv_sec -= shift();
  }
  return moved;
}

static int set(int folder, const char *path, const struct timespec times[2], int flags) {
  struct timespec moved[2];
  return syscall(SYS_utimensat, folder, path, back(times, moved), flags);
}

int utimensat(int folder, const char *path, const struct timespec times[2], int flags) {
  return set(folder, path, times, flags);
}

int futimens(int file, const struct timespec times[2]) { return set(file, NULL, times, 0); }
