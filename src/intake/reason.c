#include "intake/reason.h"

#include "locale/locale.h"

const char *xml_reason(enum XML_Error code)
{
    switch (code) {
    case XML_ERROR_NO_ELEMENTS: return TR_KEY("the part ends too early");
    case XML_ERROR_UNCLOSED_TOKEN:
    case XML_ERROR_UNCLOSED_CDATA_SECTION: return TR_KEY("an element is not closed");
    case XML_ERROR_TAG_MISMATCH: return TR_KEY("an element is closed that was not open");
    case XML_ERROR_DUPLICATE_ATTRIBUTE: return TR_KEY("an attribute stands twice");
    case XML_ERROR_INVALID_TOKEN:
    case XML_ERROR_PARTIAL_CHAR: return TR_KEY("there is a character that XML does not allow");
    case XML_ERROR_JUNK_AFTER_DOC_ELEMENT: return TR_KEY("something follows its end");
    case XML_ERROR_UNDEFINED_ENTITY: return TR_KEY("it uses an entity that is not defined");
    case XML_ERROR_UNKNOWN_ENCODING:
    case XML_ERROR_INCORRECT_ENCODING: return TR_KEY("its encoding is not what it says");
    default: return TR_KEY("it is not well-formed XML");
    }
}

const char *zip_reason(const zip_error_t *error)
{
    switch (zip_error_code_zip(error)) {
    case ZIP_ER_NOZIP: return TR_KEY("it has no table of contents of a ZIP file at its end");
    case ZIP_ER_INCONS: return TR_KEY("its table of contents contradicts its parts");
    case ZIP_ER_CRC: return TR_KEY("the check sum of a part does not fit");
    case ZIP_ER_EOF: return TR_KEY("a part ends too early");
    case ZIP_ER_COMPNOTSUPP:
        return TR_KEY("a part is packed in a way that spreadsheets do not use");
    case ZIP_ER_ENCRNOTSUPP:
    case ZIP_ER_NOPASSWD: return TR_KEY("a part is encrypted");
    case ZIP_ER_ZLIB: return TR_KEY("a part can't be unpacked");
    case ZIP_ER_MEMORY: return TR_KEY("there is not enough memory to unpack it");
    default: return TR_KEY("it can't be read as a ZIP file");
    }
}
