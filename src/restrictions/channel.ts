/** The database channel on which a new journal row is announced. */
export const journalChannel = 'garde_journal'
