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
import rule_skeletons
import rule_sources
import rule_tables
import rule_vocabulary
from page_contract import DESIGN, PROSE, QUESTION, SKELETON, VOCABULARY

FILE_RULES = rule_files.RULES
FILES_OF_DOCS = rule_files.TREE_RULES
EVERY_PAGE = (
    *rule_files.PAGE_RULES,
    *rule_front_matter.RULES,
    *rule_active.RULES,
    *rule_sources.RULES,
    *rule_numbers.RULES,
    *rule_sections.RULES,
    *rule_safety.RULES,
    *rule_envelope.RULES,
    *rule_diagrams.RULES,
    *rule_paths.RULES,
    *rule_tables.RULES,
)
_CONTRACT = (
    *rule_front_matter.CONTRACT_RULES,
    *rule_sections.CONTRACT_RULES,
    *rule_safety.CONTRACT_RULES,
    *rule_diagrams.CONTRACT_RULES,
)
_QUESTION = (
    *rule_front_matter.QUESTION_RULES,
    *rule_sections.QUESTION_RULES,
    *rule_safety.QUESTION_RULES,
    *rule_envelope.QUESTION_RULES,
    *rule_diagrams.QUESTION_RULES,
    *rule_tables.QUESTION_RULES,
)
PAGE_RULES = {
    QUESTION: (*EVERY_PAGE, *_CONTRACT, *_QUESTION),
    DESIGN: (*EVERY_PAGE, *_CONTRACT, *_QUESTION),
    SKELETON: (*EVERY_PAGE, *_CONTRACT, *rule_skeletons.RULES),
    VOCABULARY: (*EVERY_PAGE, *rule_vocabulary.RULES),
    PROSE: EVERY_PAGE,
}
BETWEEN_PAGES = (*rule_numbers.TREE_RULES, *rule_sections.TREE_RULES, *rule_tables.TREE_RULES)
WHOLE_GUIDE = rule_sources.GUIDE_RULES
RENDERED_PAGE = rule_active.RENDERED_RULES

_GROUPS = (FILE_RULES, FILES_OF_DOCS, *PAGE_RULES.values(), BETWEEN_PAGES, WHOLE_GUIDE, RENDERED_PAGE)
_LISTED = dict.fromkeys(rule for group in _GROUPS for rule in group)
_FAMILIES = list(dict.fromkeys(rule.__module__ for rule in _LISTED))
ALL = tuple(sorted(_LISTED, key=lambda rule: _FAMILIES.index(rule.__module__)))
