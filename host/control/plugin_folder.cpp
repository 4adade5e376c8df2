#include "host/control/plugin_folder.hpp"

#include <utility>

#include "host/util/log.hpp"

namespace mcpr::control {

using plugin::Candidate;
using plugin::PluginInfo;
using plugin::Registry;

namespace {

constexpr std::string_view kLog = "plugin";
constexpr net::Millis kQuiet{300};

bool same_claims(const PluginInfo& a, const PluginInfo& b) {
  return a.id == b.id && a.aliases == b.aliases && a.config_prefixes == b.config_prefixes &&
         a.config_schema == b.config_schema;
}

std::string called(const std::filesystem::path& file) { return file.filename().string(); }

}  // namespace

template <class F>
void PluginFolder::on_control(F f) {
  loop_.post([alive = std::weak_ptr(alive_), f = std::move(f)]() mutable {
    if (!alive.expired()) f();
  });
}

PluginFolder::PluginFolder(net::Loop& loop, net::BlockingPool& pool, Registry& registry, PluginFolderOptions options,
                           PluginFolderHooks hooks)
    : loop_(loop),
      pool_(pool),
      registry_(registry),
      options_(std::move(options)),
      hooks_(std::move(hooks)),
      arrivals_(kQuiet),
      ripe_(loop,
            [this] {
              if (arrivals_.take_ripe(net::Clock::now())) look();
              if (const auto next = arrivals_.next()) ripe_.arm_at(*next);
            }),
      watch_(loop, registry.options().directory,
             [this](FolderWatch::Event event, const std::string& name) { on_event(event, name); }) {
  // The library of what was just destroyed may be on the stack of the thread that says so.
  registry_.on_unused([this, alive = std::weak_ptr(alive_)] {
    loop_.post([this, alive] {
      if (!alive.expired()) sweep();
    });
  });
  sweep();
  look();  // what has changed since the start's scan
}

PluginFolder::~PluginFolder() { registry_.on_unused(nullptr); }

void PluginFolder::set_options(PluginFolderOptions options) {
  options_ = std::move(options);
  registry_.set_strict(options_.strict);
  retry_ = true;
  look();
}

// ---- what has changed ----

void PluginFolder::on_event(FolderWatch::Event event, const std::string& name) {
  using Event = FolderWatch::Event;
  if (event != Event::missed && !plugin::may_be_plugin(name)) return;
  const net::TimePoint now = net::Clock::now();
  switch (event) {
    case Event::created: arrivals_.created(name, now); break;
    case Event::written: arrivals_.written(name, now); break;
    case Event::settled: arrivals_.settled(name, now); break;
    case Event::rights: arrivals_.rights(name, now); break;
    case Event::missed: arrivals_.missed(now); break;
  }
  ripe_.arm_at(*arrivals_.next());
}

void PluginFolder::look() {
  if (std::exchange(looking_, true)) {
    look_again_ = true;
    return;
  }
  const bool taken =
      pool_.run([this, alive = std::weak_ptr(alive_), &loop = loop_, folder = registry_.options().directory] {
        loop.post([this, alive, found = plugin::list_folder(folder)] {
          if (!alive.expired()) compare(found);
        });
      });
  if (taken) return;
  looking_ = false;
  arrivals_.missed(net::Clock::now());
  ripe_.arm_at(*arrivals_.next());
}

void PluginFolder::compare(const plugin::FolderList& folder) {
  looking_ = false;
  if (folder.problem != problem_ && !folder.problem.empty()) log::warn(kLog, "{}", folder.problem);
  problem_ = folder.problem;
  if (folder.problem.empty() || folder.missing) {
    const auto seen = registry_.seen();
    for (const auto& [file, version] : folder.files) {
      const auto known = seen.find(file);
      if (!arrivals_.waiting(called(file)) && (known == seen.end() || known->second != version)) begin(file);
    }
    if (std::exchange(retry_, false)) {
      for (const File& file : registry_.refused()) {
        if (folder.files.contains(file)) begin(file);
      }
    }
    for (const auto& [file, version] : seen) {
      if (!folder.files.contains(file) && !arrivals_.waiting(called(file))) gone(file);
    }
  }
  if (std::exchange(look_again_, false)) look();
}

// ---- a file's way into service ----

void PluginFolder::begin(const File& file) {
  const auto [work, fresh] = works_.try_emplace(file);
  if (!fresh) {
    work->second.again = true;
    return;
  }
  const bool taken =
      pool_.run([this, alive = std::weak_ptr(alive_), &loop = loop_, file, options = registry_.options()] {
        loop.post([this, alive, file, candidate = plugin::examine(file, options)]() mutable {
          if (!alive.expired()) examined(file, std::move(candidate));
        });
      });
  if (taken) return;
  works_.erase(work);
  arrivals_.settled(called(file), net::Clock::now());
  ripe_.arm_at(*arrivals_.next());
}

void PluginFolder::examined(const File& file, Candidate candidate) {
  Work& work = works_.at(file);
  const Registry::Judgement judgement = registry_.judge(candidate, options_.max_retired);
  switch (judgement.verdict) {
    case Registry::Verdict::same:
      kept_.erase(file);
      said_.erase(file);
      return finish(file);
    case Registry::Verdict::refused: return refused(file, judgement.reason);
    case Registry::Verdict::fresh: break;
  }
  work.candidate = std::move(candidate);
  if (!options_.probe) return adopt(file);
  const ProbeMemory::Good* good = memory_.find(work.candidate.info.hash);
  if (good && good->sources == plugin::ProbeDialogue::answer(hooks_.sources_of(good->manifest))) {
    return probed(file, good->result);
  }
  probe(file);
}

void PluginFolder::probe(const File& file) {
  Work& work = works_.at(file);
  work.phase = Phase::probing;
  work.probe = std::make_unique<plugin::Probe>(
      loop_, options_.prober, work.candidate.copy.path(),
      [this, file](const PluginInfo& manifest) {
        Work& probing = works_.at(file);
        probing.sources = hooks_.sources_of(manifest);
        return probing.sources;
      },
      [this, file](plugin::ProbeResult result) {
        Work& tried = works_.at(file);
        const std::unique_ptr<plugin::Probe> done = std::move(tried.probe);
        if (result.reason.empty()) {
          memory_.keep(
              {tried.candidate.info.hash, plugin::ProbeDialogue::answer(tried.sources), done->manifest(), result});
        }
        probed(file, std::move(result));
      });
}

void PluginFolder::probed(const File& file, plugin::ProbeResult result) {
  Work& work = works_.at(file);
  if (!result.reason.empty()) {
    registry_.refuse(file, result.reason);
    return refused(file, result.reason);
  }
  if (result.stays) work.candidate.stays = result.note;
  const Registry::PluginPtr before = registry_.in_service(file);
  const ProbeMemory::Good* good = memory_.find(work.candidate.info.hash);
  if (before && good && good->manifest.id != before->id()) {
    if (const std::string why = hooks_.needed(*before); !why.empty()) {
      const std::string reason =
          "it is the plugin \"" + good->manifest.id + "\" and would replace \"" + before->id() + "\": " + why;
      registry_.refuse(file, reason);
      return refused(file, reason);
    }
  }
  adopt(file);
}

// Loading runs the constructors of the library, here, on the control thread: the probe has shown that they end.
void PluginFolder::adopt(const File& file) {
  Work& work = works_.at(file);
  const Registry::PluginPtr before = registry_.in_service(file);
  if (const std::string reason = registry_.adopt(std::move(work.candidate)); !reason.empty()) {
    return refused(file, reason);
  }
  const PluginInfo info = registry_.newest_of(file)->info();
  for (const std::string& warning : info.warnings) log::warn(kLog, "{}: {}", called(file), warning);
  log::info(kLog, "{}: {} {} is loaded", called(file), info.id, plugin::version_text(info));
  said_.erase(file);
  kept_.erase(file);
  work.phase = Phase::taking_over;
  hooks_.changed(!before || !same_claims(before->info(), info));
  evaluate(file);
}

void PluginFolder::planned() {
  std::vector<File> under_way;
  for (const auto& [file, work] : works_) {
    if (work.phase == Phase::taking_over) under_way.push_back(file);
  }
  for (const File& file : under_way) evaluate(file);
  // What was needed may be so no more.
  for (const File& file : std::set<File>(kept_)) {
    const Registry::PluginPtr plugin = registry_.in_service(file);
    if (plugin && hooks_.needed(*plugin).empty()) on_control([this, file] { gone(file); });
  }
}

void PluginFolder::evaluate(const File& file) {
  const auto work = works_.find(file);
  if (work == works_.end() || work->second.phase != Phase::taking_over) return;
  if (!registry_.taking_over(file)) return finish(file);  // it has nobody's place to take
  const Registry::PluginPtr next = registry_.newest_of(file);
  const PluginFolderHooks::Usage usage = hooks_.usage(*next);
  if (usage.pending > 0) return;
  const std::string failure = usage.running == 0 ? usage.failure : "";
  registry_.settle(file, failure);
  if (failure.empty()) {
    log::info(kLog, "{}: {} {} is in service", called(file), next->id(), plugin::version_text(next->info()));
    return finish(file);
  }
  log::error(kLog, "{}: {} {} is given up, the version before it stays: {}", called(file), next->id(),
             plugin::version_text(next->info()), failure);
  finish(file);
  hooks_.changed(false);
}

void PluginFolder::refused(const File& file, const std::string& reason) {
  std::string& said = said_[file];
  if (said != reason) {
    const Registry::PluginPtr serving = registry_.in_service(file);
    if (serving) {
      log::error(kLog, "{}: the new file is refused, version {} goes on: {}", called(file),
                 plugin::version_text(serving->info()), reason);
    } else {
      log::error(kLog, "{} is refused: {}", called(file), reason);
    }
    said = reason;
  }
  finish(file);
}

void PluginFolder::finish(const File& file) {
  const auto work = works_.find(file);
  const bool again = work->second.again;
  works_.erase(work);
  if (again) look();
  hooks_.status();
}

// ---- the end of a file, and of what was replaced ----

void PluginFolder::gone(const File& file) {
  if (const auto work = works_.find(file); work != works_.end()) {
    work->second.again = true;
    return;
  }
  said_.erase(file);
  const Registry::PluginPtr plugin = registry_.in_service(file);
  if (plugin) {
    if (const std::string why = hooks_.needed(*plugin); !why.empty()) {
      if (!kept_.insert(file).second) return;
      log::error(kLog, "{} is gone; the plugin \"{}\" stays in service: {}", called(file), plugin->id(), why);
      registry_.keep_without_file(file, "the file is gone; the plugin stays in service: " + why);
      return hooks_.status();
    }
    log::info(kLog, "{} is gone: the plugin \"{}\" is drained", called(file), plugin->id());
  }
  kept_.erase(file);
  registry_.remove(file);
  if (plugin) hooks_.changed(false);
  hooks_.status();
}

void PluginFolder::sweep() {
  for (const PluginInfo& info : registry_.clear_shelf()) {
    if (info.state == plugin::PluginState::unmapped) {
      log::info(kLog, "{}: {} {} is unmapped", called(info.file), info.id, plugin::version_text(info));
    } else {
      const auto level = info.unloadable ? log::Level::warn : log::Level::info;
      log::message<std::string, std::string, std::string, std::string, std::size_t>(
          level, kLog, "{}: {} {} stays mapped: {}; {} replaced versions are in this process", called(info.file),
          info.id, plugin::version_text(info), info.reason, registry_.retired());
    }
  }
  hooks_.status();
}

}  // namespace mcpr::control
