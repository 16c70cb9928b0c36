// Where files and text come in: dropped anywhere on the page, chosen in a dialog, pasted, or seen by the camera.
import { useCallback, useEffect, useId, useState } from 'preact/hooks'
import { useSpeech } from '../shell/language.ts'
import { Camera, hasCamera } from './camera.tsx'
import type { Input } from './question.ts'
import { PASTED, readAll, readTransfer } from './transfer.ts'

export const DropZone = ({ onInputs }: { onInputs: (inputs: readonly Input[]) => void }) => {
  const { t } = useSpeech()
  const over = useDropAnywhere(onInputs)
  const id = useId()
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
      <OtherWays onInputs={onInputs} />
    </section>
  )
}

/** For what is no file: text and codes. */
const OtherWays = ({ onInputs }: { onInputs: (inputs: readonly Input[]) => void }) => {
  const { t } = useSpeech()
  const [way, setWay] = useState<'paste' | 'camera' | undefined>(undefined)
  const take = useCallback(
    (input: Input) => {
      onInputs([input])
      setWay(undefined)
    },
    [onInputs],
  )
  const ways = hasCamera() ? (['paste', 'camera'] as const) : (['paste'] as const)
  return (
    <>
      <p class="actions">
        {ways.map((each) => (
          <button
            key={each}
            type="button"
            class="secondary small"
            aria-expanded={way === each}
            onClick={() => setWay(way === each ? undefined : each)}
          >
            {t(each)}
          </button>
        ))}
      </p>
      {way === 'paste' && <PasteForm onText={(text) => take({ name: PASTED, bytes: new TextEncoder().encode(text) })} />}
      {way === 'camera' && <Camera onPicture={take} />}
    </>
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
