// A move-only std::function (C++23's std::move_only_function, which g++ 12 does not offer in C++20).
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace mcpr {

template <class Signature>
class UniqueFunction;

// Small callables (three pointers) live inside; larger ones on the heap. Calling an empty one is undefined.
template <class R, class... A>
class UniqueFunction<R(A...)> {
 public:
  UniqueFunction() = default;
  UniqueFunction(std::nullptr_t) {}  // NOLINT(google-explicit-constructor)
  template <class F>
    requires(!std::is_same_v<std::decay_t<F>, UniqueFunction> && std::is_invocable_r_v<R, std::decay_t<F>&, A...>)
  UniqueFunction(F&& f) {  // NOLINT(google-explicit-constructor)
    using T = std::decay_t<F>;
    if constexpr (fits<T>) {
      ::new (static_cast<void*>(&storage_)) T(std::forward<F>(f));
      ops_ = &inline_ops<T>;
    } else {
      ::new (static_cast<void*>(&storage_)) std::unique_ptr<T>(std::make_unique<T>(std::forward<F>(f)));
      ops_ = &heap_ops<T>;
    }
  }
  UniqueFunction(UniqueFunction&& other) noexcept { take(other); }
  UniqueFunction& operator=(UniqueFunction&& other) noexcept {
    if (this != &other) {
      reset();
      take(other);
    }
    return *this;
  }
  UniqueFunction(const UniqueFunction&) = delete;
  UniqueFunction& operator=(const UniqueFunction&) = delete;
  ~UniqueFunction() { reset(); }

  explicit operator bool() const { return ops_ != nullptr; }
  R operator()(A... args) { return ops_->call(&storage_, std::forward<A>(args)...); }

 private:
  struct Ops {
    R (*call)(void*, A&&...);
    void (*move)(void* from, void* to) noexcept;
    void (*destroy)(void*) noexcept;
  };
  static constexpr std::size_t kInline = 3 * sizeof(void*);
  template <class T>
  static constexpr bool fits =
      sizeof(T) <= kInline && alignof(T) <= alignof(void*) && std::is_nothrow_move_constructible_v<T>;

  template <class T>
  static constexpr Ops inline_ops{
      [](void* p, A&&... args) -> R { return (*std::launder(static_cast<T*>(p)))(std::forward<A>(args)...); },
      [](void* from, void* to) noexcept {
        T* source = std::launder(static_cast<T*>(from));
        ::new (to) T(std::move(*source));
        source->~T();
      },
      [](void* p) noexcept { std::launder(static_cast<T*>(p))->~T(); }};
  template <class T>
  static constexpr Ops heap_ops{
      [](void* p, A&&... args) -> R {
        return (**std::launder(static_cast<std::unique_ptr<T>*>(p)))(std::forward<A>(args)...);
      },
      [](void* from, void* to) noexcept {
        auto* source = std::launder(static_cast<std::unique_ptr<T>*>(from));
        ::new (to) std::unique_ptr<T>(std::move(*source));
        source->~unique_ptr();
      },
      [](void* p) noexcept { std::launder(static_cast<std::unique_ptr<T>*>(p))->~unique_ptr(); }};

  void take(UniqueFunction& other) noexcept {
    ops_ = std::exchange(other.ops_, nullptr);
    if (ops_) ops_->move(&other.storage_, &storage_);
  }
  void reset() noexcept {
    if (ops_) std::exchange(ops_, nullptr)->destroy(&storage_);
  }

  alignas(void*) std::byte storage_[kInline];
  const Ops* ops_ = nullptr;
};

using Task = UniqueFunction<void()>;

}  // namespace mcpr
