// Every message from the window to the core passes here first, in a frame the window's scripts cannot reach.
// What does not look like one of ours is sent on under a name that no capability allows, so the core refuses it and
// the caller gets an error instead of silence.

// Links from browsers (`deep-link://new-url`) carry codes: nothing but the desk's own event may be heard.
const EVENT = 'desk-event'
const COMMAND = /^[a-z_]+(\.[a-z_]+)+$/

const allowed = ({ cmd, payload }) => {
  switch (cmd) {
    case 'desk':
      return typeof payload?.name === 'string' && COMMAND.test(payload.name) && 'request' in payload
    case 'plugin:event|listen':
    case 'plugin:event|unlisten':
      return payload?.event === EVENT
    default:
      return false
  }
}

window.__TAURI_ISOLATION_HOOK__ = (message) =>
  allowed(message) ? message : { ...message, cmd: 'refused', payload: {} }
