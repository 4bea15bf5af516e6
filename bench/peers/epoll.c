/* What bare C takes for the exchange that a plain HTTP check makes: the yardstick of bench/checks.py.

       epoll PORT REQUESTS AT_ONCE

   Gets http://127.0.0.1:PORT/ over a fresh connection each time, AT_ONCE of them in flight, and closes
   as soon as the body is complete. Prints this process's CPU time (user and system) per request, in
   microseconds. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LARGEST = 4096, EVENTS = 256 };

struct exchange {
    int fd;
    int sent;
    size_t length;
    char answer[LARGEST + 1];
};

static const char REQUEST[] =
    "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: epoll\r\nAccept: */*\r\nConnection: close\r\n\r\n";
static struct sockaddr_in server;
static int epoll;

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void begin(struct exchange *one) {
    struct epoll_event event = {.events = EPOLLOUT, .data.ptr = one};
    one->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    one->sent = 0;
    one->length = 0;
    if (one->fd < 0) fail("socket");
    if (connect(one->fd, (struct sockaddr *)&server, sizeof server) < 0 && errno != EINPROGRESS) fail("connect");
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, one->fd, &event) < 0) fail("epoll_ctl");
}

static void ask(struct exchange *one) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = one};
    if (send(one->fd, REQUEST, sizeof REQUEST - 1, MSG_NOSIGNAL) != sizeof REQUEST - 1) fail("send");
    one->sent = 1;
    if (epoll_ctl(epoll, EPOLL_CTL_MOD, one->fd, &event) < 0) fail("epoll_ctl");
}

/* Whether the body is as long as the server said. */
static int complete(const struct exchange *one) {
    const char *body = strstr(one->answer, "\r\n\r\n");
    const char *said = strcasestr(one->answer, "\r\nContent-Length:");
    return body && said && one->length >= (size_t)(body + 4 - one->answer) + strtoul(said + 17, NULL, 10);
}

/* Whether the exchange has ended. */
static int hear(struct exchange *one) {
    ssize_t count = recv(one->fd, one->answer + one->length, LARGEST - one->length, 0);
    if (count < 0 && errno == EAGAIN) return 0;
    if (count <= 0) fail("recv");
    one->length += count;
    one->answer[one->length] = 0;
    if (!complete(one)) return 0;
    if (strncmp(one->answer, "HTTP/1.1 200 ", 13) != 0) fail("the answer is not 200");
    close(one->fd);
    return 1;
}

static void run(struct exchange *slots, long requests, long at_once) {
    struct epoll_event events[EVENTS];
    long begun = 0, done = 0;
    while (begun < at_once && begun < requests) begin(&slots[begun++]);
    while (done < requests) {
        int count = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            struct exchange *one = events[i].data.ptr;
            if (!one->sent) {
                ask(one);
            } else if (hear(one)) {
                done++;
                if (begun < requests) {
                    begin(one);
                    begun++;
                }
            }
        }
    }
}

static double cpu_us(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

int main(int count, char **words) {
    if (count != 4 || atol(words[2]) < 1 || atol(words[3]) < 1) return 2;
    long requests = atol(words[2]), at_once = atol(words[3]);
    struct exchange *slots = calloc(at_once, sizeof *slots);
    server.sin_family = AF_INET;
    server.sin_port = htons(atoi(words[1]));
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    if (!slots || epoll < 0) fail("setup");
    run(slots, 1, 1); /* what is loaded once is not counted */
    double before = cpu_us();
    run(slots, requests, at_once);
    printf("%.2f\n", (cpu_us() - before) / requests);
    return 0;
}
