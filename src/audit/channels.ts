/** Notices. They only shorten the wait: whoever listens polls as well. */

/** Entries have their place and can be asked for. */
export const appended = 'audit_appended'
