#include "host/app/admin_command.hpp"

#include <array>
#include <boost/json.hpp>
#include <cctype>
#include <optional>
#include <ostream>

#include "host/app/admin_tables.hpp"
#include "host/control/fetcher.hpp"

namespace mcpr::app {

namespace json = boost::json;

namespace {

struct Command {
  std::string_view word;
  std::string_view path;
  std::string (*show)(const json::value&);
  bool names;   // wants the name of one
  bool shared;  // with a command of a plugin that has words of its own behind it
};
constexpr std::array kCommands{Command{"plugins", "plugins", plugins_table, false, false},
                               Command{"sources", "sources", sources_table, false, false},
                               Command{"services", "services", services_table, false, true},
                               Command{"service", "services/", service_page, true, false}};
constexpr net::Millis kTimeout{10'000};

const Command* find(std::string_view word) {
  for (const Command& at : kCommands) {
    if (at.word == word) return &at;
  }
  return nullptr;
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) || std::string_view("-._~").find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return out;
}

// Where a listener of that address is reached from this machine.
std::string host_of(const std::string& address) {
  if (address.empty() || address == "0.0.0.0") return "127.0.0.1";
  if (address == "::" || address == "[::]") return "[::1]";
  return address.find(':') != std::string::npos && address.front() != '[' ? "[" + address + "]" : address;
}

plugin::FetchResult get(const std::string& url, const std::string& token) {
  net::Loop loop;
  net::BlockingPool blocking(1);
  plugin::FetchResult result;
  {
    control::Fetcher fetcher(loop, blocking);
    plugin::FetchRequest request{"GET", url, {}, {}, {}, kTimeout};
    if (!token.empty()) request.headers.emplace_back("Authorization", "Bearer " + token);
    loop.post([&] {
      fetcher.fetch(std::move(request), [&](plugin::FetchResult got) {
        result = std::move(got);
        loop.stop();
      });
    });
    loop.run();
  }
  blocking.stop();
  return result;
}

}  // namespace

bool is_admin_command(std::span<const std::string> words) {
  const Command* command = words.empty() ? nullptr : find(words.front());
  return command && (!command->shared || words.size() == 1 || words[1] == "--json");
}

int run_admin_command(std::span<const std::string> words, const config::Settings& settings, std::ostream& out,
                      std::ostream& err) {
  const std::string& word = words.front();
  const Command& command = *find(word);
  bool as_json = false;
  std::optional<std::string> name;
  for (const std::string& argument : words.subspan(1)) {
    if (argument == "--json") {
      as_json = true;
    } else if (command.names && !name && !argument.starts_with('-')) {
      name = argument;
    } else {
      err << "mcp-router " << word << ": does not understand '" << argument << "'\n" << kAdminCommandsUsage;
      return 2;
    }
  }
  if (command.names && !name) {
    err << "mcp-router " << word << ": which one? mcp-router services lists them\n";
    return 2;
  }
  if (!settings.admin.enabled) {
    err << "mcp-router " << word << ": admin.enabled is false, so the router cannot be asked\n";
    return 1;
  }
  const std::string base = "http://" + host_of(settings.admin.address) + ":" + std::to_string(settings.admin.port);
  const plugin::FetchResult got = get(
      base + "/admin/api/" + std::string(command.path) + (name ? percent_encoded(*name) : ""), settings.admin.token);
  if (got.failure != plugin::FetchResult::Failure::none) {
    err << "mcp-router " << word << ": no router answers at " << base << ": " << got.error
        << "; admin.address and admin.port (--admin.port=N) say where it is\n";
    return 1;
  }
  boost::system::error_code bad;
  const json::value answer = json::parse(got.body, bad);
  if (got.code != 200 || bad) {
    const json::object* object = bad ? nullptr : answer.if_object();
    const json::value* text = object ? object->if_contains("error") : nullptr;
    err << "mcp-router " << word << ": " << base << " answers " << got.code << ": "
        << (text && text->is_string() ? std::string_view(text->get_string().data(), text->get_string().size())
                                      : std::string_view("not what an admin listener says"))
        << "\n";
    return 1;
  }
  out << (as_json ? got.body + "\n" : command.show(answer));
  return 0;
}

}  // namespace mcpr::app
