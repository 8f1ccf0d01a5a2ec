"""Ask My Documents: the passages that fit a question, an answer made of exact quotes from them, or none."""

from typing import Any

from answers.answering import Answer, answer_from
from answers.passages import Passage, split
from answers.ranking import Index
from answers.reading import Document, Unreadable, read_document
from answers.writing import write_answer

from agent_platform.sdk import InputError, Run, agent

MOST_CHARACTERS = 8_000_000  # with the index of their words they fit into 512 MB
MOST_PASSAGES = 60_000
NOTE = (
    "These are quotes, found by their words and without a model. Once your installation can grant a model to agents, the answer"
    " will be written out from these passages, with the same sources."
)


@agent
def ask(run: Run) -> dict[str, Any]:
    """One row per passage, answer.md; `answered` is false when no passage has enough of the question."""
    documents = _documents(run)
    passages: list[Passage] = []
    for number, document in enumerate(documents, start=1):
        passages += split(document)
        run.progress(number, len(documents), f"Read {document.name[:80]}")
        if len(passages) > MOST_PASSAGES:
            raise InputError("files", f"These documents have more than {MOST_PASSAGES:,} paragraphs. Ask fewer of them at once.")
    index = Index(passages)
    question = index.question(run.input["question"])
    if not question.words:
        raise InputError("question", "The question has no word that could be searched. Name what you want to know about.")
    ranked = index.rank(question, most=run.input.get("passages", 5))
    answer = answer_from(question, ranked)
    rows = [one.item(rank, cited=one in answer.cited) for rank, one in enumerate(ranked, start=1)]
    run.emit_many(rows, keys=[f"passage:{row['rank']}" for row in rows])
    run.files.put("answer.md", write_answer(run.input["question"], answer, ranked, NOTE), "text/markdown")
    run.log.info(f"Searched {len(passages):,} passages; documents: {len(documents)}.")
    return _result(answer, len(documents), len(passages))


def _documents(run: Run) -> list[Document]:
    if files := run.input.get("files"):
        found, left = [], MOST_CHARACTERS
        for file_id in files:
            with run.files.open(file_id) as stream:
                content = stream.read()
            document = _read(run.files.name(file_id), content)
            left -= sum(map(len, document.lines))
            if left < 0:
                raise InputError("files", f"These documents have more than {MOST_CHARACTERS:,} characters. Ask fewer of them at once.")
            found.append(document)
        return found
    if text := run.input.get("text", "").strip("\n"):
        return [_read("text", text.encode("utf-8", "replace"))]
    raise InputError("files", "Give the documents to ask, or paste one into Text.")


def _read(name: str, content: bytes) -> Document:
    try:
        return read_document(name, content)
    except Unreadable as error:
        raise InputError("files", f"{name[:80]}: {error}") from error


def _result(answer: Answer, documents: int, passages: int) -> dict[str, Any]:
    return {
        "answered": answer.is_one,
        "answer": answer.text,
        "sources": answer.sources,
        "coverage": round(answer.coverage, 2),
        "absent": answer.absent,
        "documents": documents,
        "passages": passages,
        "method": "quotes",
        "note": NOTE,
    }
