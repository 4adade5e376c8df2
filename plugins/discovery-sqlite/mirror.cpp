#include "mirror.hpp"

#include <algorithm>

namespace mcpr::sqlite {
namespace {

void add_new(const std::vector<std::string>& notes, const std::vector<std::string>& said,
             std::vector<std::string>& to) {
  for (const std::string& note : notes) {
    if (std::find(said.begin(), said.end(), note) == said.end()) to.push_back(note);
  }
}

}  // namespace

void Mirror::take(const Part& part, Side& side, std::set<std::string>& touched, Changes& changes) {
  add_new(part.notes, side.notes, changes.notes);
  if (part.whole) side.notes = part.notes;
  for (const auto& [name, row] : part.rows) {
    const auto [at, added] = side.rows.try_emplace(name);
    if (!added && at->second.row == row) continue;
    Entry entry = to_service(row, folder_);
    add_new(entry.notes, at->second.entry.notes, changes.notes);
    at->second = {row, std::move(entry)};
    touched.insert(name);
  }
  const auto drop = [&](const std::string& name) {
    if (side.rows.erase(name) > 0) touched.insert(name);
  };
  for (const std::string& name : part.gone) drop(name);
  if (!part.whole) return;
  std::vector<std::string> gone;
  for (const auto& item : side.rows) {
    if (part.rows.count(item.first) == 0) gone.push_back(item.first);
  }
  for (const std::string& name : gone) drop(name);
}

const Entry* Mirror::find(const std::string& name) const {
  for (const Side* side : {&own_, &table_}) {
    if (const auto at = side->rows.find(name); at != side->rows.end()) return &at->second.entry;
  }
  return nullptr;
}

void Mirror::note_shadowed(const std::string& name, Changes& changes) {
  if (own_.rows.count(name) == 0 || table_.rows.count(name) == 0) {
    shadowed_.erase(name);
  } else if (shadowed_.insert(name).second) {
    changes.notes.push_back("service '" + name + "' is taken from the table services, not from " + table_name_);
  }
}

Mirror::Changes Mirror::take(const Reading& reading) {
  Changes changes;
  std::set<std::string> touched;
  if (reading.own) take(*reading.own, own_, touched, changes);
  if (reading.table) take(*reading.table, table_, touched, changes);
  for (const std::string& name : touched) {
    note_shadowed(name, changes);
    const Entry* now = find(name);
    const auto before = published_.find(name);
    if (!now) {
      if (before != published_.end()) {
        published_.erase(before);
        changes.withdraw.push_back(name);
      }
    } else if (before == published_.end() || before->second != now->service) {
      published_.insert_or_assign(name, now->service);
      changes.publish.push_back(now->service);
    }
  }
  return changes;
}

}  // namespace mcpr::sqlite
