// Reads a stream of server-sent events (the WHATWG HTML standard, section 9.2), in whatever pieces it arrives.
//
// It differs from a browser in what it reports: an event without data is reported too when it carries an id (that is
// how MCP primes resuming) or a retry time; `data` is then empty. Bytes are passed on unchecked: JSON is judged
// elsewhere.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mcpr::mcp {

struct SseEvent {         // the views are good during on_event only
  std::string_view type;  // "message" unless the stream says otherwise
  std::string_view data;
  std::string_view id;
  bool has_id = false;  // this event has an id field; an empty one takes back the last id
  std::optional<unsigned> retry;
};

struct SseSink {
  virtual ~SseSink() = default;
  virtual void on_event(const SseEvent& event) = 0;  // must not destroy or feed the reader
};

class SseReader {
 public:
  // The limit holds for a single line and for type, id and data of an event together, and is 64 at least. Comments do
  // not count.
  explicit SseReader(std::size_t max_event_bytes) : max_(max_event_bytes < 64 ? 64 : max_event_bytes) {}

  // False: the stream is given up, error() says why. An event that the stream ends in the midst of is never reported.
  bool feed(std::string_view bytes, SseSink& sink);
  std::string_view error() const { return error_; }

 private:
  // A field of the event being read. It stays a view into the bytes being fed until they go away.
  class Held {
   public:
    std::string_view get() const { return owned_ ? std::string_view(own_) : view_; }
    void set(std::string_view value, bool stays);
    void append_line(std::string_view value);
    void keep();
    void clear();

   private:
    std::string own_;
    std::string_view view_;
    bool owned_ = false;
  };

  bool line(std::string_view text, bool stays, SseSink& sink);
  bool begins_comment(std::string_view text) const;
  bool too_big();
  void dispatch(SseSink& sink);

  std::size_t max_;
  std::string partial_;  // a line that has begun but not ended; of a comment only its beginning
  Held type_, data_, id_;
  std::optional<unsigned> retry_;
  bool has_data_ = false, has_id_ = false;
  bool first_line_ = true;  // it may begin with a byte order mark
  bool after_cr_ = false;   // the bytes fed before ended with CR: an LF now belongs to it
  std::string error_;
};

}  // namespace mcpr::mcp
