#include "host/app/loader.hpp"

#include <sys/random.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "host/config/check.hpp"
#include "host/config/sources.hpp"

extern char** environ;

namespace mcpr::app {

namespace fs = std::filesystem;

namespace {

config::Environment process_environment() {
  config::Environment out;
  for (char** entry = environ; entry && *entry; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos) out.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return out;
}

std::string generated_instance_id() {
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0 || host[0] == 0) host = {'r', 'o', 'u', 't', 'e', 'r'};
  std::array<unsigned char, 4> random{};
  if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) {
    throw std::runtime_error("the system has no random numbers");
  }
  std::string out = std::string(host.data()) + "-";
  for (const unsigned char byte : random) {
    out += "0123456789abcdef"[byte >> 4];
    out += "0123456789abcdef"[byte & 15];
  }
  return out;
}

fs::path own_path() {
  std::error_code error;
  fs::path path = fs::read_symlink("/proc/self/exe", error);
  return error ? fs::current_path() / "mcp-router" : path;
}

}  // namespace

Place this_place(const std::vector<fs::path>& plugin_directories) {
  Place place;
  place.executable = own_path();
  place.environment = process_environment();
  place.surroundings.generated_instance_id = generated_instance_id();
  place.surroundings.cores = std::thread::hardware_concurrency();
  const fs::path folder = place.executable.parent_path();
  for (const fs::path& relative : plugin_directories) {
    const std::string candidate = (folder / relative).lexically_normal().string();
    std::error_code error;
    const bool exists = fs::is_directory(candidate, error);
    if (exists || place.surroundings.plugin_directory.empty()) place.surroundings.plugin_directory = candidate;
    if (exists) break;
  }
  return place;
}

Load load(const config::CommandLine& line, const Place& place, Runtime& runtime) {
  config::Problems problems;
  config::Request request;
  if (line.config) request.file = *line.config;
  request.search = config::default_search(place.executable);
  request.profiles = line.profiles;
  request.command_line = config::command_line_layer(line, problems);
  request.environment = place.environment;
  config::Layers layers = config::read_layers(request);

  // Once without plugins, to learn where plugins are; then with what they claim.
  std::vector<config::Claim> claims;
  {
    config::Problems said_below;
    const config::ConfigTree first(layers);
    claims = runtime.claims(config::make_settings(first, place.surroundings, said_below));
  }
  config::ConfigTree tree(std::move(layers), claims);
  problems.insert(problems.end(), tree.problems().begin(), tree.problems().end());
  std::vector<std::string> notes = tree.notes();
  config::Settings settings = config::make_settings(tree, place.surroundings, problems);
  config::check_keys(tree, claims, problems, notes);
  auto configuration =
      std::make_shared<const Configuration>(Configuration{std::move(settings), std::move(tree), std::move(claims)});
  if (problems.empty()) runtime.check(*configuration, problems);
  if (!problems.empty()) throw config::ConfigError(std::move(problems));
  return {std::move(configuration), std::move(notes)};
}

log::Options log_options(const config::Settings::Logging& logging) {
  log::Options options;
  options.levels.clear();
  for (const auto& [component, level] : logging.levels)
    options.levels[component] = log::parse_level(level).value_or(log::Level::info);
  options.file = logging.file;
  options.file_max_size = logging.file_max_size;
  options.file_max_history = logging.file_max_history;
  options.json = logging.json;
  return options;
}

}  // namespace mcpr::app
