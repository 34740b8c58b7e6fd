/** Notices. They only shorten the wait: whoever listens polls as well. */

/** Events wait to be given their place. */
export const queued = 'audit_queued'
/** Entries have their place and can be asked for. */
export const appended = 'audit_appended'
