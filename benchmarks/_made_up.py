"""The invented nation, drawn by PostgreSQL's random numbers from one seed."""

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from benchmarks.nation import COMMUNES, PROVINCES, SERVICES, clock

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper


def build(cases: int) -> None:
    from django.db import connection

    with clock(f"{cases:,} cases"):
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            _empty_text_by_default(cursor)
            for statement in PLACES:
                cursor.execute(statement)
            cursor.execute("ANALYZE")
            indexes = _take_indexes(cursor)
        starts = range(0, cases, 250_000)
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda start: _add_cases(start, cases), starts))
        with connection.cursor() as cursor:
            cursor.execute("SET maintenance_work_mem = '512MB'")
            for definition in indexes:
                cursor.execute(definition)
            cursor.execute("SET session_replication_role = DEFAULT")
    with clock("analyze"), connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _add_cases(start: int, cases: int) -> None:
    """Insert a quarter of a million cases, drawn from a seed of their own."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica; SET jit = off")
        cursor.execute("SELECT setseed(%s)", [0.42 * start / cases])
        cursor.execute(CASES, [cases, start, min(start + 250_000, cases) - 1])
    connection.close()


def _empty_text_by_default(cursor: "CursorWrapper") -> None:
    """Give columns that Django fills with an empty text that default, for plain INSERTs."""
    cursor.execute(
        "SELECT table_name, column_name FROM information_schema.columns "
        "WHERE table_schema = 'public' AND is_nullable = 'NO' AND column_default IS NULL "
        "AND data_type IN ('character varying', 'text') AND table_name ~ "
        "'^(surveys|places|standards)_'"
    )
    for table, column in cursor.fetchall():
        cursor.execute(f"""ALTER TABLE "{table}" ALTER "{column}" SET DEFAULT ''""")


def _take_indexes(cursor: "CursorWrapper") -> list[str]:
    """Drop the plain indexes of the cases; return how to make them again."""
    cursor.execute(
        "SELECT i.indexname, i.indexdef FROM pg_indexes i WHERE i.tablename = 'surveys_case' "
        "AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conname = i.indexname)"
    )
    rows = cursor.fetchall()
    for name, _ in rows:
        cursor.execute(f'DROP INDEX "{name}"')
    return [definition for _, definition in rows]


PLACES = (
    f"""INSERT INTO places_place (code, level, kind, name_km, name_latin, search)
    SELECT lpad(p::text, 2, '0'), 'province', 'khet', 'ខេត្ត', 'Province ' || p, ''
    FROM generate_series(1, {PROVINCES}) p""",
    f"""INSERT INTO places_place (code, level, kind, name_km, name_latin, search, parent_id)
    SELECT lpad(p::text, 2, '0') || '01', 'district', 'srok', 'ស្រុក', 'District ' || p, '',
        lpad(p::text, 2, '0')
    FROM generate_series(1, {PROVINCES}) p""",
    f"""INSERT INTO places_place (code, level, kind, name_km, name_latin, search, parent_id)
    SELECT d.code || lpad(c::text, 2, '0'), 'commune', 'khum', 'ឃុំ', 'Commune ' || c, '', d.code
    FROM places_place d, generate_series(1, {COMMUNES // PROVINCES}) c
    WHERE d.level = 'district'""",
    """INSERT INTO standards_provider
        (code, kind, name_km, name_en, place_id, opening_hours, phone)
    SELECT k || '-' || code, k, k, k, code, '', ''
    FROM places_place, unnest(ARRAY['commune', 'police', 'health_centre', 'primary_school']) k
    WHERE level = 'commune'""",
    f"""INSERT INTO standards_service
        (code, provider_kind, name_km, name_en, note_km, note_en, fee_by_provider, position)
    SELECT 'service-' || n,
        CASE WHEN n <= 16 THEN 'commune' WHEN n <= 32 THEN 'police'
             WHEN n <= 36 THEN 'health_centre' ELSE 'primary_school' END,
        'សេវា', 'Service ' || n, '', '', false, n
    FROM generate_series(1, {SERVICES}) n""",
    """INSERT INTO standards_standard (service_id, option, fee, currency, fee_unit, days_max,
        day_kind, documents_known, legal_basis_km, legal_basis_en, source, completeness_km,
        completeness_en, recorded_at)
    SELECT id, 'standard', (position % 5) * 5000, 'KHR', 'document', 3 + position % 10,
        CASE WHEN position % 2 = 0 THEN 'working' ELSE 'calendar' END, position % 3 <> 0,
        '', '', '', '', '', now()
    FROM standards_service""",
    """INSERT INTO standards_document (code, name_km, name_en)
    SELECT 'paper-' || n, 'ឯកសារ', 'Paper ' || n FROM generate_series(1, 6) n""",
    """INSERT INTO standards_standarddocument (standard_id, document_id, position)
    SELECT s.id, d.id, d.id FROM standards_standard s JOIN standards_document d
    ON d.code IN ('paper-1', 'paper-2', 'paper-3') WHERE s.documents_known""",
)

# One draw per case: a commune, a service, answers. They come in as time passes, from July
# 2024 to June 2026.
CASES = f"""
WITH drawn AS MATERIALIZED (
    SELECT n, random() AS d1, random() AS d2, (n + random()) / %s AS d3, random() AS d4,
        random() AS d5, random() AS d6, random() AS d7, random() AS d8, random() AS d9,
        random() AS d10
    FROM generate_series(%s, %s) n
), q AS MATERIALIZED (
    SELECT drawn.*, date '2024-07-01' + floor(d3 * 730)::int AS asked,
        floor(d5 * 20)::int AS took, 1 + floor(d1 * {COMMUNES})::int AS commune,
        1 + floor(d2 * {SERVICES})::int AS service,
        CASE WHEN d3 > 0.97 AND d6 < 0.4 THEN 'open' WHEN d6 < 0.02 THEN 'refused'
             ELSE 'received' END AS status
    FROM drawn
)
INSERT INTO surveys_case (case_id, province_code, commune_id, provider_id, service_id, option,
    standard_id, asked_on, received_on, status, fee_paid, currency, units, documents_asked,
    visits, receipt, staffed, medicine_given, lesson_days_lost, plan_shown, channel,
    facilitator_id, sex, age, poor_card, note, content_hash, recorded_at, updated_at, void_reason)
SELECT 'bench-' || n, left(c.code, 2), c.code, o.id, s.id, 'standard', t.id, asked,
    CASE WHEN status = 'received' THEN asked + took END, status,
    CASE WHEN d4 < 0.95 THEN t.fee + CASE WHEN d5 < 0.2 THEN 5000 ELSE 0 END END, 'KHR', 1,
    CASE WHEN d6 < 0.1 THEN NULL WHEN d6 < 0.3 THEN ARRAY['paper-1', 'paper-5']
         ELSE ARRAY['paper-1', 'paper-2'] END,
    1 + floor(d7 * 4)::int, d8 < 0.6, d9 < 0.8, d9 < 0.7, floor(d8 * 2)::int,
    d7 < 0.5, 'demo', NULL, CASE WHEN d10 < 0.55 THEN 'female' ELSE 'male' END,
    18 + floor(d10 * 60)::int, d4 < 0.2, '', '', asked + interval '9 hours',
    asked + interval '9 hours', ''
FROM q
JOIN (SELECT code, row_number() OVER (ORDER BY code) AS i FROM places_place
      WHERE level = 'commune') c ON c.i = q.commune
JOIN standards_service s ON s.position = q.service
JOIN standards_standard t ON t.service_id = s.id
JOIN standards_provider o ON o.place_id = c.code AND o.kind = s.provider_kind
"""
