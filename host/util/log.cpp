#include "host/util/log.hpp"

#include <Poco/AsyncChannel.h>
#include <Poco/AutoPtr.h>
#include <Poco/Channel.h>
#include <Poco/DateTimeFormatter.h>
#include <Poco/Exception.h>
#include <Poco/FileChannel.h>
#include <Poco/Formatter.h>
#include <Poco/FormattingChannel.h>
#include <Poco/Logger.h>
#include <Poco/Message.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <mutex>
#include <shared_mutex>
#include <stdexcept>

namespace mcpr::log {

namespace {

// Messages that may wait for a slow disk or terminal; further ones are dropped and counted by the channel.
constexpr const char* kQueue = "8192";

Poco::Message::Priority priority(Level level) {
  switch (level) {
    case Level::trace: return Poco::Message::PRIO_TRACE;
    case Level::debug: return Poco::Message::PRIO_DEBUG;
    case Level::info: return Poco::Message::PRIO_INFORMATION;
    case Level::warn: return Poco::Message::PRIO_WARNING;
    case Level::error:
    case Level::off: return Poco::Message::PRIO_ERROR;
  }
  return Poco::Message::PRIO_INFORMATION;
}

Level level_of(Poco::Message::Priority priority) {
  if (priority <= Poco::Message::PRIO_ERROR) return Level::error;
  if (priority == Poco::Message::PRIO_WARNING) return Level::warn;
  if (priority <= Poco::Message::PRIO_INFORMATION) return Level::info;
  return priority == Poco::Message::PRIO_DEBUG ? Level::debug : Level::trace;
}

std::string time_text(const Poco::Timestamp& time) {
  return Poco::DateTimeFormatter::format(time, "%Y-%m-%dT%H:%M:%S.%iZ");
}

void write_to_stderr(std::string line) {
  line += '\n';
  std::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // nobody reads it: there is no place left to complain
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

// One write a line, so that lines of several processes do not mix.
class StderrChannel : public Poco::Channel {
 public:
  void log(const Poco::Message& message) override { write_to_stderr(message.getText()); }
};

class LineFormatter : public Poco::Formatter {
 public:
  explicit LineFormatter(bool json) : json_(json) {}
  void format(const Poco::Message& message, std::string& text) override {
    const auto line = json_ ? json_line : text_line;
    text = line(time_text(message.getTime()), level_of(message.getPriority()), message.getSource(), message.getText());
  }

 private:
  bool json_;
};

struct State {
  std::shared_mutex mutex;  // shared to write a message, exclusive to change what is below
  std::map<std::string, Level, std::less<>> levels{{"root", Level::info}};
  Poco::AutoPtr<Poco::Channel> channel;  // null: not set up
  Capture::Function capture;
};

State& state() {
  static State instance;
  return instance;
}

// Under the lock.
Level level_for(const State& now, std::string_view component) {
  for (std::string_view family = component; !family.empty();) {
    if (const auto found = now.levels.find(family); found != now.levels.end()) return found->second;
    const std::size_t dot = family.rfind('.');
    family = family.substr(0, dot == std::string_view::npos ? 0 : dot);
  }
  const auto root = now.levels.find("root");
  return root == now.levels.end() ? Level::info : root->second;
}

// Under the lock, held exclusively.
void remember_lowest(const State& now) {
  Level lowest = now.capture ? Level::trace : level_for(now, "");
  for (const auto& [component, level] : now.levels) lowest = std::min(lowest, level);
  detail::lowest.store(lowest, std::memory_order_relaxed);
}

Poco::AutoPtr<Poco::Channel> open_target(const Options& options) {
  if (options.file.empty()) return Poco::makeAuto<StderrChannel>();
  Poco::AutoPtr<Poco::FileChannel> file = Poco::makeAuto<Poco::FileChannel>(options.file);
  if (options.file_max_size > 0) {
    file->setProperty("rotation", std::to_string(options.file_max_size));
    file->setProperty("archive", "number");
    file->setProperty("purgeCount", std::to_string(std::max(1U, options.file_max_history)));
  }
  try {
    file->open();
  } catch (const Poco::Exception& error) {
    throw std::runtime_error("the log file cannot be opened: " + error.displayText());
  }
  return file;
}

}  // namespace

namespace detail {

std::atomic<Level> lowest{Level::info};

bool wanted(Level level, std::string_view component) {
  State& now = state();
  const std::shared_lock lock(now.mutex);
  return now.capture || level >= level_for(now, component);
}

void write(Level level, std::string_view component, std::string_view text) {
  State& now = state();
  const std::shared_lock lock(now.mutex);
  if (now.capture) {
    now.capture(level, component, text);
  } else if (now.channel) {
    now.channel->log(Poco::Message(std::string(component), std::string(text), priority(level)));
  } else {
    write_to_stderr(text_line(time_text(Poco::Timestamp()), level, component, text));
  }
}

void append(std::string& out, std::string_view text) { out += text; }

void append(std::string& out, std::int64_t value) { out += std::to_string(value); }

void append(std::string& out, std::uint64_t value) { out += std::to_string(value); }

void append(std::string& out, double value) {
  char buffer[32];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
  out.append(buffer, error == std::errc() ? end : buffer);
}

}  // namespace detail

void set_up(const Options& options) {
  const auto formatted =
      Poco::makeAuto<Poco::FormattingChannel>(Poco::makeAuto<LineFormatter>(options.json), open_target(options));
  Poco::AutoPtr<Poco::AsyncChannel> channel = Poco::makeAuto<Poco::AsyncChannel>(formatted);
  channel->setProperty("queueSize", kQueue);
  channel->open();
  Poco::AutoPtr<Poco::Channel> old;
  {
    State& now = state();
    const std::unique_lock lock(now.mutex);
    old = now.channel;
    now.channel = channel;
    now.levels = {options.levels.begin(), options.levels.end()};
    remember_lowest(now);
    // What Poco itself has to say comes out the same way.
    Poco::Logger::root().setChannel(channel);
    Poco::Logger::root().setLevel(priority(level_for(now, "poco")));
  }
  if (old) old->close();
}

void shut_down() {
  Poco::AutoPtr<Poco::Channel> old;
  {
    State& now = state();
    const std::unique_lock lock(now.mutex);
    old = now.channel;
    now.channel = nullptr;
    Poco::Logger::root().setChannel(Poco::AutoPtr<Poco::Channel>());
  }
  if (old) old->close();
}

Capture::Capture(Function function) {
  State& now = state();
  const std::unique_lock lock(now.mutex);
  now.capture = std::move(function);
  remember_lowest(now);
}

Capture::~Capture() {
  State& now = state();
  const std::unique_lock lock(now.mutex);
  now.capture = nullptr;
  remember_lowest(now);
}

}  // namespace mcpr::log
