/* Preloaded: the Nth change that this process asks of the disk is its death. `arm(n)`: n counted from now on, 0 none;
   a write is first done by half, so that it is torn. `changes()`: how many there were since. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_int armed, seen;

void arm(int n) { seen = 0; armed = n; }
int changes(void) { return seen; }

static int due(void) { return armed && ++seen == armed; }
static void die(void) { kill(getpid(), SIGKILL); }
static int file(int fd) { struct stat s; return fstat(fd, &s) == 0 && S_ISREG(s.st_mode); }

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define TELLING(type, name, args, call, dying) \
    type name args { if (due()) { dying; die(); } return NEXT(name) call; }

TELLING(ssize_t, pwrite64, (int fd, const void *b, size_t n, off64_t o), (fd, b, n, o), NEXT(pwrite64)(fd, b, n / 2, o))
TELLING(ssize_t, pwrite, (int fd, const void *b, size_t n, off_t o), (fd, b, n, o), NEXT(pwrite)(fd, b, n / 2, o))
ssize_t write(int fd, const void *b, size_t n) {
    if (armed && file(fd) && due()) { NEXT(write)(fd, b, n / 2); die(); }
    return NEXT(write)(fd, b, n);
}
TELLING(int, fsync, (int fd), (fd), (void)0)
TELLING(int, fdatasync, (int fd), (fd), (void)0)
TELLING(int, ftruncate64, (int fd, off64_t n), (fd, n), (void)0)
TELLING(int, ftruncate, (int fd, off_t n), (fd, n), (void)0)
TELLING(int, unlink, (const char *p), (p), (void)0)
TELLING(int, rename, (const char *a, const char *b), (a, b), (void)0)
