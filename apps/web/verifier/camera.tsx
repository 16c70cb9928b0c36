// The camera, when a reader asks for it: looks for a code that the verifier can read, and takes the picture that it stands in. The picture is judged
// like any file, and goes nowhere.
import { useEffect, useRef, useState } from 'preact/hooks'
import { useSpeech } from '../shell/language.ts'
import { Mark } from '../shell/mark.tsx'
import { theJudge } from './judge.ts'
import type { Input } from './question.ts'

/** Browsers offer it to secure pages only. */
export const hasCamera = (): boolean => 'mediaDevices' in navigator && 'getUserMedia' in navigator.mediaDevices

/** Between two looks, ms: a hand needs time to hold still, and a phone its battery. */
const PAUSE_MS = 300
/** A name that speaks of no meter, so that a key on the picture is for all (src/metering/key-file.ts). */
const PICTURE = 'content.png'

export const Camera = ({ onPicture }: { onPicture: (input: Input) => void }) => {
  const { t } = useSpeech()
  const video = useRef<HTMLVideoElement>(null)
  const [trouble, setTrouble] = useState<string | undefined>(undefined)
  useEffect(() => {
    const stop = new AbortController()
    const picture = video.current && watch(video.current, stop.signal)
    picture?.then(
      (found) => found && onPicture(found),
      (thrown) => setTrouble(String(thrown)),
    )
    return () => stop.abort()
  }, [onPicture])
  return (
    <div class="camera">
      {trouble === undefined ? (
        <p role="status">{t('camera-looks')}</p>
      ) : (
        <p role="status">
          <Mark tone="bad" text={t('camera-fails')} /> <code>{trouble}</code>
        </p>
      )}
      <video ref={video} muted playsInline aria-label={t('camera')} />
    </div>
  )
}

/** The first picture that shows a code with something usable in it; undefined where nobody looks any more. The camera is off afterwards. */
const watch = async (video: HTMLVideoElement, signal: AbortSignal): Promise<Input | undefined> => {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment', width: { ideal: 1280 } } })
  try {
    video.srcObject = stream
    await video.play()
    while (!signal.aborted) {
      const picture = await pictureOf(video)
      if (picture !== undefined && (await isUsable(picture))) return signal.aborted ? undefined : picture
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
    return undefined
  } finally {
    for (const track of stream.getTracks()) track.stop()
  }
}

const pictureOf = async (video: HTMLVideoElement): Promise<Input | undefined> => {
  if (video.videoWidth === 0) return undefined
  const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight)
  canvas.getContext('2d')?.drawImage(video, 0, 0)
  const blob = await canvas.convertToBlob({ type: 'image/png' })
  return { name: PICTURE, bytes: new Uint8Array(await blob.arrayBuffer()) }
}

const isUsable = async (picture: Input): Promise<boolean> => {
  const { inputs } = await theJudge().judge([picture])
  return inputs.some(({ kind, fault }) => kind !== 'unknown' && kind !== 'container' && fault === undefined)
}
