"""What must be true of the stored runs whatever has happened to the processes: one query for each kind of difference."""

FINAL = "('succeeded', 'capped', 'failed', 'cancelled', 'timed_out')"

# name -> a query that returns one line of text for each difference. All of them read across workspaces, as superuser.
BOOKS: dict[str, str] = {
    "run settled not exactly once": (
        "SELECT format('run %s (%s) has %s settle journals', r.id, r.state, count(j.id)) FROM app.runs r"
        " LEFT JOIN app.journals j ON (j.tenant_id, j.run_id, j.kind) = (r.tenant_id, r.id, 'settle')"
        " GROUP BY r.tenant_id, r.id, r.state HAVING count(j.id) <> (CASE WHEN r.state IN "
        + FINAL
        + " THEN 1 ELSE 0 END)"
    ),
    "charge differs from the ledger": (
        "SELECT format('run %s says %s, the ledger took %s', r.id, r.charged_micro_usd, sum(p.amount_micro_usd))"
        " FROM app.runs r JOIN app.journals j ON (j.tenant_id, j.run_id, j.kind) = (r.tenant_id, r.id, 'settle')"
        " LEFT JOIN app.postings p ON (p.tenant_id, p.journal_id, p.account_kind) = (j.tenant_id, j.id, 'clearing')"
        " GROUP BY r.tenant_id, r.id, r.charged_micro_usd"
        " HAVING r.charged_micro_usd <> coalesce(sum(p.amount_micro_usd), 0)"
    ),
    "money of a finished run still held": (
        "SELECT format('run %s has %s in %s', r.id, sum(p.amount_micro_usd), p.account_kind) FROM app.runs r"
        " JOIN app.journals j ON (j.tenant_id, j.run_id) = (r.tenant_id, r.id)"
        " JOIN app.postings p ON (p.tenant_id, p.journal_id) = (j.tenant_id, j.id)"
        " WHERE r.finished_at IS NOT NULL AND p.account_kind IN ('hold', 'spent')"
        " GROUP BY r.tenant_id, r.id, p.account_kind HAVING sum(p.amount_micro_usd) <> 0"
    ),
    "charge not captured exactly once": (
        "SELECT format('charge %s of run %s: %s stored, %s captured', c.id, c.run_id, c.amount_micro_usd,"
        " coalesce(sum(p.amount_micro_usd), 0)) FROM app.run_charges c"
        " LEFT JOIN app.journals j ON (j.tenant_id, j.kind, j.source_id) = (c.tenant_id, 'capture', c.id)"
        " LEFT JOIN app.postings p ON (p.tenant_id, p.journal_id, p.account_kind) = (j.tenant_id, j.id, 'spent')"
        " GROUP BY c.tenant_id, c.id, c.run_id, c.amount_micro_usd"
        " HAVING c.amount_micro_usd <> coalesce(sum(p.amount_micro_usd), 0)"
    ),
    "refund differs from the ledger": (
        "SELECT format('run %s: %s given back, the ledger says %s', v.run_id, v.voided, coalesce(l.voided, 0)) FROM"
        " (SELECT tenant_id, run_id, sum(voided_micro_usd) AS voided FROM app.run_charges GROUP BY 1, 2) v LEFT JOIN"
        " (SELECT j.tenant_id, j.run_id, sum(p.amount_micro_usd) AS voided FROM app.journals j JOIN app.postings p"
        " ON (p.tenant_id, p.journal_id, p.account_kind) = (j.tenant_id, j.id, 'hold') WHERE j.kind = 'void' GROUP BY 1, 2) l"
        " ON (l.tenant_id, l.run_id) = (v.tenant_id, v.run_id) WHERE v.voided <> coalesce(l.voided, 0)"
    ),
    "row not charged once": (
        "SELECT format('charge %s of run %s is %s, its %s rows say %s', c.id, c.run_id, c.amount_micro_usd, count(*),"
        " sum(i.amount_micro_usd)) FROM app.run_charges c JOIN app.run_items i ON (i.tenant_id, i.charge_id) = (c.tenant_id, c.id)"
        " WHERE c.voided_micro_usd = 0 GROUP BY c.tenant_id, c.id, c.run_id, c.amount_micro_usd"
        " HAVING sum(i.amount_micro_usd) <> c.amount_micro_usd"
    ),
    "row paid without a charge": (
        "SELECT format('row %s of run %s costs %s', i.seq, i.run_id, i.amount_micro_usd) FROM app.run_items i"
        " LEFT JOIN app.run_charges c ON (c.tenant_id, c.id) = (i.tenant_id, i.charge_id)"
        " WHERE i.amount_micro_usd > 0 AND c.id IS NULL"
    ),
    "account not balanced": (
        "SELECT format('account %s of %s: balance %s, postings %s', a.name, a.tenant_id, a.balance_micro_usd,"
        " coalesce(sum(p.amount_micro_usd), 0)) FROM app.accounts a"
        " LEFT JOIN app.postings p ON (p.tenant_id, p.account_id) = (a.tenant_id, a.id)"
        " GROUP BY a.tenant_id, a.id, a.name, a.balance_micro_usd HAVING a.balance_micro_usd <> coalesce(sum(p.amount_micro_usd), 0)"
    ),
    "journal not balanced": (
        "SELECT format('journal %s: sum %s', journal_id, sum(amount_micro_usd)) FROM app.postings"
        " GROUP BY tenant_id, journal_id HAVING sum(amount_micro_usd) <> 0"
    ),
    "books of all workspaces do not meet": (
        "SELECT format('all clearing accounts together hold %s', sum(balance_micro_usd)) FROM app.accounts"
        " WHERE kind = 'clearing' HAVING sum(balance_micro_usd) <> 0"
    ),
    "fault of the platform charged": (
        "SELECT format('run %s cost %s', id, charged_micro_usd) FROM app.runs"
        " WHERE finished_at IS NOT NULL AND failure_class = 'platform' AND charged_micro_usd <> 0"
    ),
    "slots counted wrong": (
        "SELECT format('workspace %s has %s places taken, %s are', s.tenant_id, s.taken, count(d.run_id)) FROM app.tenant_slots s"
        " LEFT JOIN app.dispatch d ON d.tenant_id = s.tenant_id AND d.state <> 'parked'"
        " GROUP BY s.tenant_id, s.taken HAVING s.taken <> count(d.run_id)"
    ),
    "parked beside a free slot": (
        "SELECT format('workspace %s has %s parked and %s of %s places taken', s.tenant_id, count(d.run_id), s.taken, s.cap)"
        " FROM app.tenant_slots s JOIN app.dispatch d ON d.tenant_id = s.tenant_id AND d.state = 'parked'"
        " WHERE s.taken < s.cap GROUP BY s.tenant_id, s.taken, s.cap"
    ),
    "finished run still queued": (
        "SELECT format('run %s is %s and has a place: %s', r.id, r.state, d.state) FROM app.runs r"
        " JOIN app.dispatch d ON (d.tenant_id, d.run_id) = (r.tenant_id, r.id) WHERE r.finished_at IS NOT NULL"
    ),
    "open run not in the queue": (
        "SELECT format('run %s is %s and has no place', r.id, r.state) FROM app.runs r"
        " LEFT JOIN app.dispatch d ON (d.tenant_id, d.run_id) = (r.tenant_id, r.id)"
        " WHERE r.finished_at IS NULL AND d.run_id IS NULL AND r.state NOT IN ('held', 'waiting')"
    ),
    "attempts wrong": (
        "SELECT format('run %s is %s at attempt %s; %s attempts, %s of them open', r.id, r.state, r.attempt, count(a.id),"
        " count(a.id) FILTER (WHERE a.state IN ('created', 'launching', 'running'))) FROM app.runs r"
        " LEFT JOIN app.run_attempts a ON (a.tenant_id, a.run_id) = (r.tenant_id, r.id) GROUP BY r.tenant_id, r.id, r.state, r.attempt"
        " HAVING count(a.id) <> r.attempt OR count(a.id) FILTER (WHERE a.state IN ('created', 'launching', 'running'))"
        " <> (CASE WHEN r.state IN " + FINAL + " THEN 0 ELSE 1 END)"
    ),
    "token outlives its attempt": (
        "SELECT format('attempt %s of run %s is %s', a.number, a.run_id, a.state) FROM app.lookups l"
        " JOIN app.run_attempts a ON (a.tenant_id, a.id) = (l.tenant_id, l.target_id)"
        " WHERE l.kind = 'run_token' AND a.state NOT IN ('created', 'launching', 'running')"
    ),
    "end not told exactly once": (
        "SELECT format('run %s is %s; its stream ends %s times', r.id, r.state, count(e.seq)) FROM app.runs r"
        " LEFT JOIN app.run_events e ON (e.tenant_id, e.run_id) = (r.tenant_id, r.id) AND e.kind = 'run.' || r.state"
        " WHERE r.finished_at IS NOT NULL GROUP BY r.tenant_id, r.id, r.state HAVING count(e.seq) <> 1"
    ),
    "receipt missing or wrong": (
        "SELECT format('run %s: charged %s, receipt %s', r.id, r.charged_micro_usd, c.body) FROM app.runs r"
        " LEFT JOIN app.receipts c ON (c.tenant_id, c.run_id) = (r.tenant_id, r.id) WHERE r.finished_at IS NOT NULL"
        " AND (c.body IS NULL OR (c.body::jsonb ->> 'charged_micro_usd')::bigint <> r.charged_micro_usd"
        " OR c.body::jsonb ->> 'state' <> r.state)"
    ),
    "charge differs from its parts": (
        "SELECT format('run %s: charged %s, events %s and sandbox time %s', r.id, r.charged_micro_usd, coalesce(c.net, 0), t.paid)"
        " FROM app.runs r JOIN (SELECT tenant_id, run_id, (body::jsonb ->> 'compute_paid_micro_usd')::bigint AS paid"
        " FROM app.receipts) t ON (t.tenant_id, t.run_id) = (r.tenant_id, r.id) LEFT JOIN (SELECT tenant_id, run_id,"
        " sum(amount_micro_usd - voided_micro_usd) AS net FROM app.run_charges GROUP BY 1, 2) c"
        " ON (c.tenant_id, c.run_id) = (r.tenant_id, r.id) WHERE r.charged_micro_usd <> coalesce(c.net, 0) + t.paid"
    ),
    "use not counted exactly once": (
        "SELECT format('run %s: charged %s, %s facts of %s', r.id, r.charged_micro_usd, count(u.id), sum(u.cost_micro_usd))"
        " FROM app.runs r LEFT JOIN app.usage_events u ON (u.tenant_id, u.run_id) = (r.tenant_id, r.id)"
        " WHERE r.finished_at IS NOT NULL GROUP BY r.tenant_id, r.id, r.charged_micro_usd"
        " HAVING count(u.id) <> 1 OR sum(u.cost_micro_usd) <> r.charged_micro_usd"
    ),
    "roll-up differs from its facts": (
        "SELECT format('workspace %s: %s runs of %s in the hours, %s of %s in facts', h.tenant_id, h.runs, h.cost, u.runs, u.cost) FROM"
        " (SELECT tenant_id, sum(runs) AS runs, sum(cost_micro_usd) AS cost FROM app.usage_hourly GROUP BY 1) h FULL JOIN"
        " (SELECT tenant_id, count(*) AS runs, sum(cost_micro_usd) AS cost FROM app.usage_events GROUP BY 1) u"
        " ON u.tenant_id = h.tenant_id WHERE (h.runs, h.cost) IS DISTINCT FROM (u.runs, u.cost)"
    ),
    "settlement not handed on once": (
        "SELECT format('run %s has %s messages, %s of them done', r.id, count(o.id), count(o.done_at)) FROM app.runs r"
        " LEFT JOIN app.outbox o ON (o.tenant_id, o.kind) = (r.tenant_id, 'run.settled') AND o.payload ->> 'run_id' = r.id::text"
        " WHERE r.finished_at IS NOT NULL GROUP BY r.tenant_id, r.id HAVING count(o.id) <> 1 OR count(o.done_at) <> 1"
    ),
    "creator not told exactly once": (
        "SELECT format('run %s: %s facts, %s earnings', r.id, count(DISTINCT c.run_id), count(DISTINCT j.id)) FROM app.runs r"
        " LEFT JOIN app.creator_runs c ON (c.tenant_id, c.run_id) = (r.publisher_tenant_id, r.id)"
        " LEFT JOIN app.journals j ON (j.tenant_id, j.kind, j.run_id) = (r.publisher_tenant_id, 'earn', r.id)"
        " WHERE r.finished_at IS NOT NULL AND r.publisher_tenant_id IS NOT NULL GROUP BY r.tenant_id, r.id, r.failure_class"
        " HAVING count(DISTINCT c.run_id) <> 1"
        " OR count(DISTINCT j.id) <> (CASE WHEN r.failure_class = 'platform' THEN 0 ELSE 1 END)"
    ),
    "creator's figures differ from the facts": (
        "SELECT format('publisher %s: %s runs a day by day, %s facts', d.tenant_id, d.runs, c.runs) FROM"
        " (SELECT tenant_id, sum(runs) AS runs FROM app.creator_daily GROUP BY 1) d FULL JOIN"
        " (SELECT tenant_id, count(*) AS runs FROM app.creator_runs GROUP BY 1) c ON c.tenant_id = d.tenant_id"
        " WHERE d.runs IS DISTINCT FROM c.runs"
    ),
}
