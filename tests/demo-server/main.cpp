// mcp-demo-server: reads the command line, listens, runs until a signal.
#include <sys/signalfd.h>

#include <csignal>
#include <cstdio>
#include <exception>

#include "host/net/fd_watch.hpp"
#include "host/net/listener.hpp"
#include "tests/demo-server/demo_server.hpp"

int main(int argc, char** argv) {
  using namespace mcpr;
  const auto parsed = demo::parse_options(argc, argv);
  if (const auto* text = std::get_if<std::string>(&parsed)) {
    const bool help = *text == demo::usage();
    std::fputs(text->c_str(), help ? stdout : stderr);
    return help ? 0 : 2;
  }
  const auto& options = std::get<demo::Options>(parsed);
  try {
    net::Loop loop;
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    sigprocmask(SIG_BLOCK, &ends, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    demo::DemoServer handler(loop, options);
    net::HttpServerOptions http;
    http.max_connections = 100'000;
    net::HttpServer server(loop, handler, http);
    const auto address = net::Address::numeric("127.0.0.1", options.port);
    const int fd = net::open_listeners(*address, 1).front();
    const auto port = net::local_address(fd).port();
    server.listen(fd);
    const int signals = signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
    net::FdWatch watch(loop, signals, net::fd_read, [&loop](std::uint32_t) { loop.stop(); });
    std::printf("ready: %s listens on http://127.0.0.1:%u/mcp and /sse\n", options.name.c_str(), port);
    std::fflush(stdout);
    loop.run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "mcp-demo-server: %s\n", error.what());
    return 1;
  }
  return 0;
}
