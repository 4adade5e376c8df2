// HTTP requests and answers in any pieces: no crash, and the pieces make no difference.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "host/net/http_parser.hpp"
#include "host/server/guard.hpp"
#include "host/server/target.hpp"

namespace {

using namespace mcpr::net;

struct Seen final : HttpSink {
  void on_head() override { ++heads; }
  void on_body(std::string_view piece) override { body.append(piece); }
  int heads = 0;
  std::string body;
};

// Feeds as a connection does: what was not consumed comes again.
template <class Parser>
Seen feed(Parser& parser, std::string_view text, std::size_t piece) {
  Seen seen;
  std::string carry;
  for (std::size_t at = 0; at < text.size() && !parser.done() && parser.error() == HttpError::none; at += piece) {
    carry.append(text.substr(at, piece));
    const std::size_t used = parser.feed(carry, seen);
    if (used > carry.size()) std::abort();
    if (parser.head_done() && seen.heads == 1 && used == 0 && carry.size() > 256 * 1024) break;
    carry.erase(0, used);
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const HttpLimits limits{4096, 65536, 64};
  HttpRequestParser whole(limits);
  HttpRequestParser pieces(limits);
  const Seen a = feed(whole, text, size + 1);
  const Seen b = feed(pieces, text, 3);
  if (whole.done() && whole.error() == HttpError::none &&
      (!pieces.done() || a.body != b.body || a.heads != 1 || b.heads != 1))
    std::abort();
  if (whole.head_done() && whole.error() == HttpError::none) {
    HttpRequestParser again(limits);
    Seen seen;
    again.feed(text, seen);
    const mcpr::server::Guard guard(mcpr::server::GuardOptions{});
    static_cast<void>(guard.host_allowed(again.head().headers));
    static_cast<void>(guard.origin_allowed(again.head().headers));
    static_cast<void>(mcpr::server::parse_target(again.head().target, ""));
  }
  HttpResponseParser answer;
  answer.reset();
  Seen seen = feed(answer, text, 7);
  answer.finish(seen);
  return 0;
}
