#pragma once

#include <cstdint>
#include <vector>

#include "config/value.h"
#include "python/ref.h"

namespace gunicorn::python {

/// The Python objects that settings of one generation hold, by handle. Made and destroyed with the GIL held.
class ObjectTable final : public config::ObjectInspector {
public:
    explicit ObjectTable(std::uint32_t generation) : generation_(generation) {}

    /// Keeps a reference. The same object gets the same handle, so that handles compare as objects do.
    config::ObjectHandle add(PyObject* object);
    /// The object; the handle must be of this generation.
    [[nodiscard]] Ref get(config::ObjectHandle handle) const;

    bool is_callable(config::ObjectHandle object) const override;
    bool is_class(config::ObjectHandle object) const override;
    int arity(config::ObjectHandle object) const override;
    std::string type_name(config::ObjectHandle object) const override;
    std::string repr(config::ObjectHandle object) const override;
    std::string qualified_name(config::ObjectHandle object) const override;
    std::variant<config::ObjectHandle, std::string> import_object(const std::string& dotted) override;
    std::variant<config::RawValue, std::string> call(config::ObjectHandle function) override;

private:
    std::uint32_t generation_;
    std::vector<Ref> objects_;
};

}  // namespace gunicorn::python
