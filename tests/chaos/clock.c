/* A wall clock that can be moved: loaded into a process with LD_PRELOAD, it adds the seconds that are in the first
   eight bytes of the file $CHAOS_CLOCK. Monotonic clocks are not moved, as they are not on a machine whose clock is set.
   The kernel does not know of the offset, so deadlines by the wall clock are moved back before they are given to it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static int (*system_clock)(clockid_t, struct timespec *);
static const volatile int64_t *offset;

__attribute__((constructor)) static void open_offset(void) {
    system_clock = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    const char *path = getenv("CHAOS_CLOCK");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *page = mmap(NULL, sizeof *offset, PROT_READ, MAP_SHARED, file, 0);
    if (page != MAP_FAILED) offset = page;
    close(file);
}

int clock_gettime(clockid_t id, struct timespec *moment) {
    if (!system_clock) return (int)syscall(SYS_clock_gettime, id, moment);
    int status = system_clock(id, moment);
    int of_wall = id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE;
    if (status == 0 && offset && of_wall) moment->tv_sec += *offset;
    return status;
}

int gettimeofday(struct timeval *restrict moment, void *restrict zone) {
    (void)zone;
    struct timespec now;
    int status = clock_gettime(CLOCK_REALTIME, &now);
    moment->tv_sec = now.tv_sec;
    moment->tv_usec = now.tv_nsec / 1000;
    return status;
}

time_t time(time_t *moment) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (moment) *moment = now.tv_sec;
    return now.tv_sec;
}

int pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *deadline) {
    if (condition->__data.__wrefs & 2) /* glibc keeps here that the condition uses the monotonic clock */
        return pthread_cond_clockwait(condition, mutex, CLOCK_MONOTONIC, deadline);
    struct timespec moved = *deadline;
    if (offset) moved.tv_sec -= *offset;
    return pthread_cond_clockwait(condition, mutex, CLOCK_REALTIME, &moved);
}
