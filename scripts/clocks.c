/* What libfaketime 0.9.10 leaves out, for `make clocks`; 64-bit Linux with glibc.
 *
 * Its shift gets into sleeps by the monotonic clock, which Python's are: here they do not see it.
 * The times of files come from the kernel's clock: here they are moved as far as ours, both ways. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *time, struct timespec *left) {
  return syscall(SYS_clock_nanosleep, clock, flags, time, left) ? errno : 0;
}

static long shift(void) {
  struct timespec shown, kernel;
  syscall(SYS_clock_gettime, CLOCK_REALTIME, &kernel);
  clock_gettime(CLOCK_REALTIME, &shown);
  double seconds = (shown.tv_sec - kernel.tv_sec) + (shown.tv_nsec - kernel.tv_nsec) / 1e9;
  return (long)(seconds < 0 ? seconds - 0.5 : seconds + 0.5);
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
