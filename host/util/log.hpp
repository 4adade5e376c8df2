// Logging. Every function may be called from any thread at any time, also before set_up and after shut_down: then lines
// go to the error output at once. A message below the level of all components costs one relaxed load and no formatting.
//
//   log::info("plugin", "{} {} loaded from {}", id, version, path);
//
// The component is a constant word; dots make families: a level of "plugin" holds for "plugin.file", too.
// Never log a token or a body.
#pragma once

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <ratio>
#include <string>
#include <string_view>
#include <type_traits>

namespace mcpr::log {

enum class Level : std::uint8_t { trace, debug, info, warn, error, off };

std::optional<Level> parse_level(std::string_view name);
std::string_view level_name(Level level);

struct Options {
  std::map<std::string, Level> levels{{"root", Level::info}};  // by component; "root" for all others
  std::string file;                                            // empty: the error output
  std::uint64_t file_max_size = 0;                             // at which the file is set aside; 0: never
  unsigned file_max_history = 7;
  bool json = false;  // one object a line
};

// Writes through a thread of its own from here on: call it after a fork, with signals blocked. Called again it replaces
// what was set up, which also opens the file anew. Throws std::runtime_error where the file cannot be opened; then
// nothing has changed.
void set_up(const Options& options);

// Writes what is waiting and ends the thread.
void shut_down();

// For tests: takes all messages of every level instead of writing them, until it is destroyed.
class Capture {
 public:
  using Function = std::function<void(Level, std::string_view component, std::string_view text)>;
  explicit Capture(Function function);
  ~Capture();
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;
};

// A line as it is written, without the end of line. Control characters are escaped, so that one message is one line.
std::string text_line(std::string_view time, Level level, std::string_view component, std::string_view text);
std::string json_line(std::string_view time, Level level, std::string_view component, std::string_view text);

namespace detail {

extern std::atomic<Level> lowest;  // level of the most talkative component

bool wanted(Level level, std::string_view component);
void write(Level level, std::string_view component, std::string_view text);

void append(std::string& out, std::string_view text);
void append(std::string& out, std::int64_t value);
void append(std::string& out, std::uint64_t value);
void append(std::string& out, double value);

template <class T>
void append_any(std::string& out, const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    append(out, std::string_view(value ? "true" : "false"));
  } else if constexpr (std::is_same_v<T, char>) {
    append(out, std::string_view(&value, 1));
  } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
    append(out, std::string_view(value));
  } else if constexpr (std::is_floating_point_v<T>) {
    append(out, static_cast<double>(value));
  } else if constexpr (std::is_enum_v<T>) {
    append_any(out, static_cast<std::underlying_type_t<T>>(value));
  } else if constexpr (std::signed_integral<T>) {
    append(out, static_cast<std::int64_t>(value));
  } else if constexpr (std::unsigned_integral<T>) {
    append(out, static_cast<std::uint64_t>(value));
  } else if constexpr (requires { value.message(); }) {  // error codes
    append_any(out, value.message());
  } else if constexpr (requires { value.string(); }) {  // paths
    append_any(out, value.string());
  } else {
    append_any(out, value.count());  // durations
    append(out, std::string_view(std::is_same_v<typename T::period, std::milli>      ? "ms"
                                 : std::is_same_v<typename T::period, std::micro>    ? "us"
                                 : std::is_same_v<typename T::period, std::ratio<1>> ? "s"
                                                                                     : ""));
  }
}

constexpr std::size_t count_places(std::string_view format) {
  std::size_t places = 0;
  for (std::size_t at = format.find("{}"); at != std::string_view::npos; at = format.find("{}", at + 2)) ++places;
  return places;
}

// Refuses, while compiling, a format with another number of {} than arguments.
template <class... A>
struct Format {
  template <class S>
    requires std::is_convertible_v<const S&, std::string_view>
  consteval Format(const S& format) : text(format) {  // NOLINT(google-explicit-constructor)
    if (count_places(text) != sizeof...(A)) throw "the number of {} differs from the number of arguments";
  }
  std::string_view text;
};

inline void append_up_to_place(std::string& out, std::string_view& format) {
  const std::size_t place = format.find("{}");
  append(out, format.substr(0, place));
  format.remove_prefix(place + 2);
}

template <class... A>
void format_and_write(Level level, std::string_view component, std::string_view format, const A&... arguments) {
  std::string out;
  ((append_up_to_place(out, format), append_any(out, arguments)), ...);
  append(out, format);
  write(level, component, out);
}

}  // namespace detail

// Whether a message would be written: for text that is costly to make.
inline bool enabled(Level level, std::string_view component) {
  return level >= detail::lowest.load(std::memory_order_relaxed) && detail::wanted(level, component);
}

template <class... A>
using Format = std::type_identity_t<detail::Format<A...>>;

template <class... A>
void message(Level level, std::string_view component, Format<A...> format, const A&... arguments) {
  if (enabled(level, component)) detail::format_and_write(level, component, format.text, arguments...);
}

template <class... A>
void trace(std::string_view component, Format<A...> format, const A&... arguments) {
  message<A...>(Level::trace, component, format, arguments...);
}
template <class... A>
void debug(std::string_view component, Format<A...> format, const A&... arguments) {
  message<A...>(Level::debug, component, format, arguments...);
}
template <class... A>
void info(std::string_view component, Format<A...> format, const A&... arguments) {
  message<A...>(Level::info, component, format, arguments...);
}
template <class... A>
void warn(std::string_view component, Format<A...> format, const A&... arguments) {
  message<A...>(Level::warn, component, format, arguments...);
}
template <class... A>
void error(std::string_view component, Format<A...> format, const A&... arguments) {
  message<A...>(Level::error, component, format, arguments...);
}

}  // namespace mcpr::log
