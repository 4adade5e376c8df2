// `mcp-router services ...`: edits the database, also while the router reads it.
#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <span>

#include "command_line.hpp"
#include "edit.hpp"
#include "failure.hpp"
#include "import.hpp"
#include "listing.hpp"
#include "schema.hpp"
#include "source.hpp"

namespace mcpr::sqlite {
namespace {

using Verb = Request::Verb;

constexpr std::chrono::milliseconds kPatience{5'000};
constexpr std::size_t kLargestImport = 64 << 20;

std::string joined(std::span<const std::string> words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

std::string file_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) throw EditError(path + ": cannot be read");
  if (text.size() > kLargestImport) throw EditError(path + ": is larger than 64 MiB");
  return text;
}

class Command {
 public:
  Command(const Config& config, const Request& request, const sdk::CommandCall& call)
      : config_(config), request_(request), call_(call) {
    config_.busy_timeout = std::max(config_.busy_timeout, kPatience);
    config_.create = false;
  }

  void run() { request_.verb == Verb::list ? list() : edit(); }

 private:
  void list() {
    if (!look_at(config_.path).exists) throw EditError(no_file_text(config_.path));
    StopSignal never;
    DatabaseReader reader(config_, never);
    const std::optional<Reading> reading = reader.read();
    std::vector<Listed> services;
    const std::string folder = folder_of(config_.path);
    const Part none;
    const Part& own = reading && reading->own ? *reading->own : none;
    const Part& table = reading && reading->table ? *reading->table : none;
    for (const auto& item : own.rows) services.push_back({to_service(item.second, folder), "services"});
    for (const auto& item : table.rows) {
      if (own.rows.count(item.first) == 0) services.push_back({to_service(item.second, folder), config_.table});
    }
    call_.print(request_.json ? list_json(services) : list_text(services));
    for (const Part* part : {&own, &table}) {
      for (const std::string& note : part->notes) call_.complain("note: " + note + "\n");
    }
    if (services.empty() && !request_.json) call_.complain(config_.path + " has no services\n");
  }

  void edit() {
    // Refused before anything is made or touched.
    ServiceRow added;
    std::vector<ServiceRow> imported;
    if (request_.verb == Verb::add) added = service_to_add(request_, folder_of(config_.path));
    if (request_.verb == Verb::import) imported = read_exported(file_text(request_.words.front()));

    const bool makes = request_.verb == Verb::add || request_.verb == Verb::import;
    if (!makes && !look_at(config_.path).exists) throw EditError(no_file_text(config_.path));
    OpenOptions options{OpenOptions::Mode::create, config_.busy_timeout, {}, nullptr};
    if (makes) create_schema(config_.path, options);
    options.mode = OpenOptions::Mode::write;
    Database db(config_.path, options);
    Transaction transaction(db, Transaction::Kind::write);
    const std::optional<std::int64_t> version = schema_version(db);
    if (version && *version != kSchemaVersion) throw EditError(newer_schema_text(config_.path, *version));
    const Tables tables{version.has_value(), has_table(db, config_.table), config_.table};
    if (!tables.own && !tables.foreign) throw EditError(no_table_text(config_));
    if (!tables.own && (request_.verb == Verb::add_instance || request_.verb == Verb::remove_instance)) {
      throw EditError("the database has only the table " + config_.table + ", whose services have one endpoint each; " +
                      "`services add` puts a service into the router's own tables");
    }
    const std::string done = change(db, tables, added, imported);
    transaction.commit();
    call_.print(done + " (" + config_.path + ")\n");
    warn_of_headers();
  }

  std::string change(Database& db, const Tables& tables, const ServiceRow& added, std::vector<ServiceRow>& imported) {
    const std::vector<std::string>& words = request_.words;
    const std::span<const std::string> urls(words.begin() + 1, words.end());
    switch (request_.verb) {
      case Verb::add: add_service(db, added, request_.replace); return "added " + words.front();
      case Verb::import: return import_all(db, imported);
      case Verb::add_instance:
        for (const std::string& url : urls) add_instance(db, words.front(), instance_to_add(request_, url));
        return words.front() + " has the new instances " + joined(urls);
      case Verb::remove_instance:
        for (const std::string& url : urls) remove_instance(db, words.front(), url);
        return words.front() + " has no longer the instances " + joined(urls);
      case Verb::remove:
        for (const std::string& name : words) remove_service(db, tables, name);
        return "removed " + joined(words);
      default: break;
    }
    const bool on = request_.verb == Verb::enable;
    for (const std::string& name : words) enable_service(db, tables, name, on);
    return (on ? "enabled " : "disabled ") + joined(words);
  }

  std::string import_all(Database& db, std::vector<ServiceRow>& rows) {
    for (ServiceRow& row : rows) {
      const ServiceRow own = with_instances(std::move(row));
      for (const std::string& note : to_service(own, {}).notes) call_.complain("note: " + note + "\n");
      add_service(db, own, request_.replace);
    }
    return "imported " + std::to_string(rows.size()) + " services";
  }

  void warn_of_headers() const {
    struct stat info{};
    if (request_.headers.empty() || ::stat(config_.path.c_str(), &info) != 0 || (info.st_mode & S_IROTH) == 0) return;
    call_.complain("note: everybody on this machine may read " + config_.path +
                   ", and it holds headers now; chmod o-r " + config_.path + " ends that\n");
  }

  Config config_;
  const Request& request_;
  const sdk::CommandCall& call_;
};

}  // namespace

int Source::command(const sdk::CommandCall& call) {
  const auto refuse = [&call](int code, const std::string& text) {
    call.complain("mcp-router services: " + text + "\n");
    return code;
  };
  Config config;
  std::string error;
  if (!read_config(call.config(), config, error)) return refuse(1, "mcp.router.database: " + error);
  try {
    Command(config, parse_words(call.arguments()), call).run();
    return 0;
  } catch (const UsageError& wrong) {
    return refuse(2, wrong.what());
  } catch (const SqlError& failed) {
    return refuse(1, explain(failed, config));
  } catch (const std::exception& failed) {
    return refuse(1, failed.what());
  }
}

}  // namespace mcpr::sqlite
