#include "agenda.hpp"

namespace mcpr::nacos {

std::optional<Agenda::Time> Agenda::next() const {
  if (entries_.empty()) return {};
  return entries_.begin()->first.first;
}

void Agenda::run() {
  const Time until = now();
  while (!entries_.empty() && entries_.begin()->first.first <= until) {
    Alarm* const alarm = entries_.begin()->second;
    entries_.erase(entries_.begin());
    alarm->entry_.reset();
    const auto task = alarm->task_;
    (*task)();
  }
  on_change_();
}

void Agenda::Alarm::after(Millis delay) {
  const std::optional<Time> before = agenda_->next();
  if (entry_) agenda_->entries_.erase(*entry_);
  entry_ = Entry{agenda_->now() + delay, ++agenda_->count_};
  agenda_->entries_.emplace(*entry_, this);
  if (agenda_->next() != before) agenda_->on_change_();
}

void Agenda::Alarm::sooner(Millis delay) {
  if (!entry_ || entry_->first > agenda_->now() + delay) after(delay);
}

void Agenda::Alarm::cancel() {
  if (!entry_) return;
  agenda_->entries_.erase(*entry_);
  entry_.reset();
}

}  // namespace mcpr::nacos
