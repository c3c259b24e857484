"""Every rule, in the order a page is read. A rule that is not here does not run; a test says so."""

from __future__ import annotations

import rule_active
import rule_diagrams
import rule_envelope
import rule_files
import rule_front_matter
import rule_numbers
import rule_paths
import rule_safety
import rule_sections
import rule_sources
import rule_tables

FILE_RULES = rule_files.RULES
FILES_OF_DOCS = rule_files.TREE_RULES
EVERY_PAGE = (
    *rule_files.PAGE_RULES,
    rule_front_matter.check_front_matter_unknown,
    rule_front_matter.check_front_matter_malformed,
    *rule_active.RULES,
    *rule_sources.RULES,
    rule_numbers.check_number_fact_differs,
    rule_numbers.check_number_undated,
    rule_diagrams.check_diagram_unreadable,
    rule_diagrams.check_diagram_text_missing,
    rule_diagrams.check_diagram_too_wide,
    rule_diagrams.check_diagram_styled,
)
QUESTION_PAGE = (
    rule_front_matter.check_front_matter_missing,
    rule_front_matter.check_front_matter_headline_undefined,
    *rule_sections.RULES,
    *rule_safety.RULES,
    *rule_envelope.RULES,
    rule_numbers.check_number_link_differs,
    rule_numbers.check_number_symbol_unknown,
    rule_numbers.check_number_bare,
    *(rule for rule in rule_diagrams.RULES if rule not in EVERY_PAGE),
    *rule_paths.RULES,
    *rule_tables.RULES,
)
BETWEEN_PAGES = (*rule_sections.TREE_RULES, *rule_tables.TREE_RULES)
WHOLE_GUIDE = rule_sources.GUIDE_RULES
RENDERED_PAGE = rule_active.RENDERED_RULES

ALL = (*FILE_RULES, *FILES_OF_DOCS, *EVERY_PAGE, *QUESTION_PAGE, *BETWEEN_PAGES, *WHOLE_GUIDE, *RENDERED_PAGE)
