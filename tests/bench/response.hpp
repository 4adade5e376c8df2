// Reads HTTP/1.1 responses piece by piece: as much of HTTP as the servers and gateways under test use, and no I/O.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mcpr::bench {

class ResponseReader {
 public:
  // Takes bytes up to the end of one response and returns how many. With failed() the connection is of no more use.
  std::size_t feed(std::string_view bytes);
  void reset();  // for the next response

  bool head_done() const { return state_ != State::head; }
  bool done() const { return state_ == State::done; }
  bool failed() const { return state_ == State::failed; }
  unsigned status() const { return status_; }
  bool closes() const { return closes_; }  // the server closes the connection after this response
  std::string_view session_id() const { return session_id_; }
  const std::string& body() const { return body_; }  // without the chunks' framing
  void drop_body() { body_.clear(); }                // of a stream that has been looked at

 private:
  enum class State : unsigned char { head, length, chunk_size, chunk_data, chunk_end, trailer, done, failed };
  bool read_head(std::string_view head);
  void begin_body();
  std::size_t feed_chunk_line(std::string_view bytes);

  State state_ = State::head;
  bool chunked_ = false;
  bool closes_ = false;
  unsigned status_ = 0;
  std::size_t left_ = 0;  // bytes of the body, or of the chunk, that are still to come
  std::string line_;      // a head, or a chunk's line, that has not come whole
  std::string body_;
  std::string session_id_;
};

}  // namespace mcpr::bench
