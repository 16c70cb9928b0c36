// Where files and text come in: dropped anywhere on the page, chosen in a dialog, or pasted.
import { useEffect, useId, useState } from 'preact/hooks'
import { useSpeech } from '../shell/language.ts'
import type { Input } from './question.ts'

/** Text has no name of its own; a second one gets a folder before it (inputs.ts). */
const PASTED = 'pasted.txt'

export const DropZone = ({ onInputs }: { onInputs: (inputs: readonly Input[]) => void }) => {
  const { t } = useSpeech()
  const over = useDropAnywhere(onInputs)
  const id = useId()
  const [pasting, setPasting] = useState(false)
  return (
    <section class={`panel drop ${over ? 'over' : ''}`} aria-labelledby={id}>
      <h2 id={id}>{t('give')}</h2>
      <label class="zone">
        <input
          type="file"
          multiple
          onChange={async (event) => {
            const field = event.currentTarget
            onInputs(await readAll([...(field.files ?? [])]))
            field.value = ''
          }}
        />
        <span>
          <strong>{t('choose')}</strong> {t('or-drop')}
        </span>
        <small>{t('drop-hint')}</small>
      </label>
      <button type="button" class="secondary small" aria-expanded={pasting} onClick={() => setPasting(!pasting)}>
        {t('paste')}
      </button>
      {pasting && (
        <PasteForm
          onText={(text) => {
            onInputs([{ name: PASTED, bytes: new TextEncoder().encode(text) }])
            setPasting(false)
          }}
        />
      )}
    </section>
  )
}

const PasteForm = ({ onText }: { onText: (text: string) => void }) => {
  const { t } = useSpeech()
  const [text, setText] = useState('')
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (text.trim() !== '') onText(text)
      }}
    >
      <label>
        {t('paste-label')}
        <textarea rows={6} spellcheck={false} autocomplete="off" value={text} onInput={(event) => setText(event.currentTarget.value)} />
      </label>
      <button type="submit" class="small">
        {t('paste-verify')}
      </button>
    </form>
  )
}

/** Takes files dropped or pasted anywhere on the page; true while something is dragged over it. */
const useDropAnywhere = (onInputs: (inputs: readonly Input[]) => void): boolean => {
  const [over, setOver] = useState(false)
  useEffect(() => {
    const drag = (event: DragEvent) => {
      event.preventDefault()
      setOver(true)
    }
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false)
    }
    const drop = async (event: DragEvent) => {
      event.preventDefault()
      setOver(false)
      if (event.dataTransfer) onInputs(await readTransfer(event.dataTransfer))
    }
    const paste = async (event: ClipboardEvent) => {
      const field = event.target instanceof HTMLTextAreaElement || event.target instanceof HTMLInputElement
      if (!field && event.clipboardData) onInputs(await readTransfer(event.clipboardData))
    }
    addEventListener('dragover', drag)
    addEventListener('dragleave', leave)
    addEventListener('drop', drop)
    addEventListener('paste', paste)
    return () => {
      removeEventListener('dragover', drag)
      removeEventListener('dragleave', leave)
      removeEventListener('drop', drop)
      removeEventListener('paste', paste)
    }
  }, [onInputs])
  return over
}

/** Everything is taken out of the transfer before the first wait: browsers empty it afterwards. */
const readTransfer = async (transfer: DataTransfer): Promise<Input[]> => {
  const text = transfer.getData('text/plain')
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? [])
  const files = [...transfer.files]
  if (entries.some((entry) => entry.isDirectory)) return readAll((await Promise.all(entries.map(filesOf))).flat())
  if (files.length > 0) return readAll(files)
  return text.trim() === '' ? [] : [{ name: PASTED, bytes: new TextEncoder().encode(text) }]
}

const readAll = (files: readonly File[]): Promise<Input[]> =>
  Promise.all(files.map(async (file) => ({ name: file.webkitRelativePath || file.name, bytes: new Uint8Array(await file.arrayBuffer()) })))

/** All files of a dropped folder, at any depth. */
const filesOf = async (entry: FileSystemEntry): Promise<File[]> => {
  if (entry.isFile) return [await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))]
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  const children: FileSystemEntry[] = []
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (some.length === 0) break
    children.push(...some)
  }
  return (await Promise.all(children.map(filesOf))).flat()
}
