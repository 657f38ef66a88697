// Installed by `ccs mod install`, removed by `ccs mod rm` and `ccs uninstall`.
//
// Takes secrets out of prompts and of the rows of a conversation before the client records or sends
// them. The work is done by the hook program; this file only hands texts over. If it cannot be done a
// prompt goes on as it is, to the UserPromptSubmit hook, which stops it; a row goes on without its text.
const HOOK = "{HOOK}"
const STATE = "{STATE}"
const UNCHECKED = '[ccs: this text could not be checked for secrets and was taken out]'

const filter = async ($, mode, text) => {
  if (!text) return text
  const done = await $.process.run([HOOK, 'filter', mode, '--state', STATE], { stdin: text, timeoutMs: 10000 })
  if (done.exitCode !== 0 || done.isStdoutTruncated) throw new Error('ccs-hook filter failed')
  return done.stdout
}

const row = ($, text) => filter($, 'record', text).catch(() => UNCHECKED)

const block = async ($, one) => {
  if (one.type === 'text') return { ...one, text: await row($, one.text) }
  if (one.type !== 'tool_result') return one
  if (typeof one.content === 'string') return { ...one, content: await row($, one.content) }
  if (!Array.isArray(one.content)) return one
  return { ...one, content: await Promise.all(one.content.map(part => block($, part))) }
}

const clean = async ($, message) => {
  const content = message.content
  if (typeof content === 'string') return { ...message, content: await row($, content) }
  if (!Array.isArray(content)) return message
  return { ...message, content: await Promise.all(content.map(one => block($, one))) }
}

export const register = on => {
  on('prompt.submit', async ($, e, next) => (e.command ? next(e) : next({ ...e, text: await filter($, 'prompt', e.text) })))
    .catch(($, e, next) => next(e))
  on('session.append', async ($, e, next) => next({ ...e, message: await clean($, e.message) }))
    .catch(($, e, next) => (next.called ? next(e) : next({ ...e, message: { ...e.message, content: [] } })))
}
