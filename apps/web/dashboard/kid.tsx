// The name of a key: its first characters, which a person can compare; the whole name on hovering, and for machines.

export const Kid = ({ kid }: { kid: string }) =>
  kid === '' ? null : (
    <code class="kid" title={kid}>
      {kid.slice(0, 8)}
    </code>
  )
