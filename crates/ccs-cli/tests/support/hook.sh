#!/bin/sh
# Stands in for the hook program where a test is about files and not about protection:
# it knows the answers to the questions setup asks, and nothing else.
input=$(cat)
case "$1 $input" in
  'pre-tool-use {'*'"rm -rf /"'*'}')
    echo '{"hookSpecificOutput":{"hookEventName":"PreToolUse","permissionDecision":"deny","permissionDecisionReason":"stand-in"}}'
    exit 2 ;;
  'pre-tool-use {'*'}') exit 0 ;;
  'post-tool-use {'*'Ignore all previous'*'}')
    echo '{"hookSpecificOutput":{"hookEventName":"PostToolUse","additionalContext":"stand-in","updatedToolOutput":{}}}' ;;
  *) echo 'stand-in: this is no event' >&2
    exit 2 ;;
esac
