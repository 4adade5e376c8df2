// What the database says, as services, and how it differs from what was published. No I/O.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "reader.hpp"
#include "row_service.hpp"

namespace mcpr::sqlite {

class Mirror {
 public:
  // `folder` is what relative ca-files start from; `table` names the other table in texts.
  Mirror(std::string folder, std::string table) : folder_(std::move(folder)), table_name_(std::move(table)) {}

  struct Changes {
    std::vector<reader::Service> publish;
    std::vector<std::string> withdraw;
    std::vector<std::string> notes;  // each is said once for as long as it holds
  };
  Changes take(const Reading& reading);

  // A service of either table; the router's own goes first.
  const Entry* find(const std::string& name) const;
  bool is_own(const std::string& name) const { return own_.rows.count(name) > 0; }

 private:
  struct Known {
    ServiceRow row;
    Entry entry;
  };
  struct Side {
    std::map<std::string, Known> rows;
    std::vector<std::string> notes;  // of the last whole reading
  };
  void take(const Part& part, Side& side, std::set<std::string>& touched, Changes& changes);
  void note_shadowed(const std::string& name, Changes& changes);

  const std::string folder_;
  const std::string table_name_;
  Side own_, table_;
  std::map<std::string, reader::Service> published_;
  std::set<std::string> shadowed_;
};

}  // namespace mcpr::sqlite
