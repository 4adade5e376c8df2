#include "host/plugin/registry.hpp"

#include <algorithm>
#include <set>
#include <system_error>
#include <utility>

#include "host/plugin/folder_list.hpp"

namespace mcpr::plugin {

namespace fs = std::filesystem;

Registry::~Registry() { shelf_->on_put(nullptr); }

void Registry::scan(const Probe& probe) {
  if (!std::exchange(cleaned_, true)) remove_leftover_copies(options_.runtime_directory);
  const FolderList folder = list_folder(options_.directory);
  problem_ = folder.problem;
  std::erase_if(entries_,
                [&](const auto& entry) { return !entry.second.serving && !folder.files.contains(entry.first); });
  for (const auto& [file, version] : folder.files) {
    const auto known = entries_.find(file);
    if (known != entries_.end()) {
      const Entry& entry = known->second;
      if (entry.serving || (entry.info.mapped && entry.version == version)) continue;
    }
    load(file, probe);
  }
}

void Registry::load(const fs::path& file, const Probe& probe) {
  Entry& entry = entries_[file];
  Candidate candidate = examine(file, options_);
  entry.version = candidate.version;
  if (candidate.copy && probe) {
    if (std::string reason = probe(candidate); !reason.empty()) {
      entry.info = std::move(candidate.info);
      entry.info.reason = std::move(reason);
      return;
    }
  }
  entry.serving = LoadedPlugin::open(std::move(candidate), shelf_, entry.info);
  if (!entry.serving) return;
  entry.info.reason = name_taken(entry.info);
  if (entry.info.reason.empty()) return;
  entry.info.state = PluginState::refused;
  retire(entry.serving);
}

std::string Registry::name_taken(const PluginInfo& info) const {
  std::set<std::string> names(info.aliases.begin(), info.aliases.end());
  names.insert(info.id);
  for (const std::string& name : names) {
    for (const auto& [file, entry] : entries_) {
      if (file == info.file) continue;
      for (const PluginPtr& at : {entry.serving, entry.next}) {
        if (!at || !answers_to(at->info(), name)) continue;
        return "answers to the name '" + name + "', which " + file.string() +
               " has already: remove one of the two files";
      }
    }
  }
  return {};
}

// ---- while it runs ----

std::map<fs::path, FileVersion> Registry::seen() const {
  std::map<fs::path, FileVersion> out;
  for (const auto& [file, entry] : entries_) out.emplace(file, entry.version);
  return out;
}

std::vector<fs::path> Registry::refused() const {
  std::vector<fs::path> out;
  for (const auto& [file, entry] : entries_) {
    if (entry.failed || (!entry.serving && !entry.info.mapped)) out.push_back(file);
  }
  return out;
}

Registry::Judgement Registry::judge(const Candidate& candidate, std::size_t most_retired) {
  const fs::path& file = candidate.info.file;
  Entry& entry = entries_[file];
  entry.version = candidate.version;
  const PluginPtr newest = newest_of(file);
  if (!newest) entry.info = candidate.info;
  if (newest && candidate.info.reason.empty() && candidate.info.hash == newest->info().hash) {
    // As before, or as before a replacement that failed.
    if (!entry.next) entry.replacement.clear();
    entry.failed = false;
    entry.info.warnings = candidate.info.warnings;
    return {Verdict::same, {}};
  }
  std::string reason = candidate.info.reason;
  if (candidate.copy && newest && retired() >= most_retired) {
    reason = "the bound plugins.max-retired is reached: " + std::to_string(retired()) +
             " replaced versions are still in this process; restart the router to take this one";
  }
  if (!reason.empty()) {
    refuse(file, reason);
    return {Verdict::refused, std::move(reason)};
  }
  if (!newest) entry.info.reason = "is being probed";
  return {Verdict::fresh, {}};
}

void Registry::refuse(const fs::path& file, std::string reason) {
  Entry& entry = entries_[file];
  if (entry.serving || entry.next) {
    entry.replacement = std::move(reason);
    entry.failed = true;
  } else {
    entry.info.file = file;
    entry.info.state = PluginState::refused;
    entry.info.reason = std::move(reason);
  }
}

std::string Registry::adopt(Candidate candidate) {
  const fs::path file = candidate.info.file;
  PluginInfo info;
  PluginPtr plugin = LoadedPlugin::open(std::move(candidate), shelf_, info);
  std::string reason = plugin ? name_taken(info) : info.reason;
  Entry& entry = entries_[file];
  if (!reason.empty()) {
    if (plugin) retire(plugin);
    if (!entry.serving) entry.info = std::move(info);
    refuse(file, reason);
    return reason;
  }
  for (const std::string& name : info.aliases) gone_.erase(name);
  gone_.erase(info.id);
  entry.failed = false;
  entry.replacement.clear();
  // One that calls itself otherwise takes nobody's place: the old plugin is gone and a new one has come.
  const bool takes_over = entry.serving && entry.serving->id() == info.id;
  if (takes_over) {
    entry.next = std::move(plugin);
    entry.replacement = "version " + version_text(info) + " is taking over";
    return {};
  }
  if (entry.serving) {
    gone_[entry.serving->id()] = entry.serving->info();
    retire(entry.serving);
  }
  entry.serving = std::move(plugin);
  entry.info = std::move(info);
  return {};
}

void Registry::settle(const fs::path& file, const std::string& failure) {
  const auto found = entries_.find(file);
  if (found == entries_.end() || !found->second.next) return;
  Entry& entry = found->second;
  if (failure.empty()) {
    std::swap(entry.serving, entry.next);
    entry.info = entry.serving->info();
    entry.replacement.clear();
  } else {
    entry.failed = true;
    entry.replacement = "version " + version_text(entry.next->info()) + ": " + failure;
  }
  retire(entry.next);
}

void Registry::remove(const fs::path& file) {
  const auto found = entries_.find(file);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  if (entry.serving) gone_[entry.serving->id()] = entry.serving->info();
  for (PluginPtr* at : {&entry.next, &entry.serving}) {
    if (*at) retire(*at);
  }
  entries_.erase(found);
}

void Registry::keep_without_file(const fs::path& file, std::string reason) {
  const auto found = entries_.find(file);
  if (found == entries_.end()) return;
  found->second.replacement = std::move(reason);
  found->second.failed = true;
  found->second.version = {};
}

void Registry::retire(PluginPtr& plugin) {
  old_.push_back(plugin->info());
  old_.back().state = PluginState::draining;
  plugin.reset();
}

std::vector<PluginInfo> Registry::clear_shelf() {
  std::vector<PluginInfo> cleared = shelf_->clear();
  for (const PluginInfo& info : cleared) {
    const auto known =
        std::find_if(old_.begin(), old_.end(), [&](const PluginInfo& at) { return at.generation == info.generation; });
    if (info.state == PluginState::unmapped) {
      if (known != old_.end()) old_.erase(known);
    } else if (known != old_.end()) {
      *known = info;
    } else {
      old_.push_back(info);
    }
  }
  return cleared;
}

std::size_t Registry::retired() const { return old_.size(); }

// ---- what there is ----

std::vector<Registry::File> Registry::files() const {
  std::vector<File> out;
  for (const auto& [file, entry] : entries_) out.push_back({entry.info, entry.replacement, entry.failed, false, {}});
  for (const PluginInfo& at : old_) {
    auto of = std::find_if(out.begin(), out.end(), [&](const File& known) { return known.info.file == at.file; });
    if (of == out.end()) {
      // The file is gone, its plugin is not.
      out.push_back({at, {}, false, false, {}});
    } else {
      of->older.push_back(at);
    }
  }
  return out;
}

std::vector<PluginInfo> Registry::list() const {
  std::vector<PluginInfo> out;
  for (const auto& [file, entry] : entries_) out.push_back(entry.info);
  return out;
}

std::vector<Registry::PluginPtr> Registry::newest() const {
  std::vector<PluginPtr> out;
  for (const auto& [file, entry] : entries_) {
    if (const PluginPtr& at = entry.next ? entry.next : entry.serving) out.push_back(at);
  }
  return out;
}

Registry::PluginPtr Registry::find(std::string_view id_or_alias) const {
  for (const PluginPtr& at : newest()) {
    if (answers_to(at->info(), id_or_alias)) return at;
  }
  return nullptr;
}

Registry::PluginPtr Registry::newest_of(const fs::path& file) const {
  const auto found = entries_.find(file);
  if (found == entries_.end()) return nullptr;
  return found->second.next ? found->second.next : found->second.serving;
}

Registry::PluginPtr Registry::in_service(const fs::path& file) const {
  const auto found = entries_.find(file);
  return found == entries_.end() ? nullptr : found->second.serving;
}

bool Registry::taking_over(const fs::path& file) const {
  const auto found = entries_.find(file);
  return found != entries_.end() && found->second.next;
}

const PluginInfo* Registry::gone(std::string_view id_or_alias) const {
  for (const auto& [id, info] : gone_) {
    if (answers_to(info, id_or_alias)) return &info;
  }
  return nullptr;
}

std::vector<PluginInfo> Registry::gone() const {
  std::vector<PluginInfo> out;
  for (const auto& [id, info] : gone_) out.push_back(info);
  return out;
}

}  // namespace mcpr::plugin
