"""Sentences of Django and of its REST framework that our readers meet, for our own catalogue.

Django's Khmer catalogue stops in 2013 and the REST framework has none: without these, a person
reading Khmer would get error messages in English. Nothing calls this; `make messages` finds the
sentences here.
"""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

SENTENCES = (
    # forms
    _("This field is required."),
    _("Enter a whole number."),
    _("Enter a number."),
    _("Enter a valid date."),
    _("Enter a valid time."),
    _("Enter a valid date/time."),
    _("Enter a valid value."),
    _("Enter a complete value."),
    _("Enter a valid URL."),
    _("Enter a valid email address."),
    _("Select a valid choice. That choice is not one of the available choices."),
    _("Select a valid choice. %(value)s is not one of the available choices."),
    _("Enter a list of values."),
    _("Null characters are not allowed."),
    _("No file was submitted. Check the encoding type on the form."),
    _("No file was submitted."),
    _("The submitted file is empty."),
    _("Please submit a file or check the clear checkbox, not both."),
    _("Upload a valid image. The file you uploaded was either not an image or a corrupted image."),
    _("Please correct the duplicate data for %(field)s."),
    # models and validators
    _("This field cannot be null."),
    _("This field cannot be blank."),
    _("Value %(value)r is not a valid choice."),
    _("%(model_name)s with this %(field_label)s already exists."),
    _("%(model_name)s with this %(field_labels)s already exists."),
    _("%(model)s instance with %(field)s %(value)r does not exist."),
    _("Constraint “%(name)s” is violated."),
    _("Ensure this value is less than or equal to %(limit_value)s."),
    _("Ensure this value is greater than or equal to %(limit_value)s."),
    _("Enter a valid integer."),
    _("Enter a valid “slug” consisting of letters, numbers, underscores or hyphens."),
    _(
        "File extension “%(extension)s” is not allowed. "
        "Allowed extensions are: %(allowed_extensions)s."
    ),
    # the admin
    _("Skip to main content"),
    _("Start typing to filter…"),
    _("Filter navigation items"),
    _("Toggle navigation"),
    _("Sidebar"),
    _("Breadcrumbs"),
    _("Models in the %(name)s application"),
    _("Model name"),
    _("Add link"),
    _("Change or view list link"),
    _("Recent actions"),
    _("My actions"),
    _("None available"),
    _("Show counts"),
    _("Hide counts"),
    _("Clear all filters"),
    _("Select %s to view"),
    _("View %s"),
    _("View"),
    _("Save and view"),
    _("Save as new"),
    _("Close"),
    _("Cancel"),
    _("Search"),
    _("Lookup"),
    _("All dates"),
    _("You don’t have permission to view or edit anything."),
    _("You may edit it again below."),
    _("The {name} “{obj}” was added successfully."),
    _("The {name} “{obj}” was added successfully. You may edit it again below."),
    _("The {name} “{obj}” was changed successfully."),
    _("The {name} “{obj}” was changed successfully. You may edit it again below."),
    _("The {name} “{obj}” was changed successfully. You may add another {name} below."),
    _("Unknown"),
    _("Yes"),
    _("No"),
    # passwords
    _("The password is too similar to the %(verbose_name)s."),
    _("This password is too common."),
    _("This password is entirely numeric."),
    _("The two password fields didn’t match."),
    # the REST framework
    _("Invalid input."),
    _("Malformed request."),
    _("Incorrect authentication credentials."),
    _("Authentication credentials were not provided."),
    _("You do not have permission to perform this action."),
    _("Not found."),
    _('Method "{method}" not allowed.'),
    _('Unsupported media type "{media_type}" in request.'),
    _("Request was throttled."),
    _("Invalid cursor"),
    _("This field may not be null."),
    _("This field may not be blank."),
    _("Must be a valid boolean."),
    _("Not a valid string."),
    _("A valid integer is required."),
    _("A valid number is required."),
    _("Ensure this field has no more than {max_length} characters."),
    _("Ensure this value is less than or equal to {max_value}."),
    _("Ensure this value is greater than or equal to {min_value}."),
    _("Date has wrong format. Use one of these formats instead: {format}."),
    _('"{input}" is not a valid choice.'),
    _('Invalid pk "{pk_value}" - object does not exist.'),
    _("Invalid data. Expected a dictionary, but got {datatype}."),
    _('Expected a list of items but got type "{input_type}".'),
)

PLURALS = (
    ngettext_lazy(
        "Ensure this value has at most %(limit_value)d character (it has %(show_value)d).",
        "Ensure this value has at most %(limit_value)d characters (it has %(show_value)d).",
        "limit_value",
    ),
    ngettext_lazy(
        "Ensure this value has at least %(limit_value)d character (it has %(show_value)d).",
        "Ensure this value has at least %(limit_value)d characters (it has %(show_value)d).",
        "limit_value",
    ),
    ngettext_lazy(
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
        None,
    ),
)
