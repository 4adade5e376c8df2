// What is read out of files and tables, as plain values. Two readings are compared by value: what is equal is not
// published again.
#pragma once

#include <mcpr/service.hpp>
#include <string>
#include <vector>

namespace mcpr::reader {

using sdk::Instance;
using sdk::KeyValues;
using sdk::Service;
using sdk::Tool;

// Something to tell a person about a file. Never holds the value of a header or of an environment variable.
struct Issue {
  std::string file;
  int line = 0;
  int column = 0;
  std::string text;
  std::string str() const {
    std::string out = file;
    if (line > 0) out += (out.empty() ? "line " : ":") + std::to_string(line) + ":" + std::to_string(column);
    return out.empty() ? text : out + ": " + text;
  }
};

struct Found {
  Service service;
  std::string where;  // file:line:column
};

// What one document or file says. With errors, the services are not to be used.
struct Reading {
  std::vector<Found> services;
  std::vector<Issue> errors;
  std::vector<Issue> notes;  // worth a line in the log
};

}  // namespace mcpr::reader
