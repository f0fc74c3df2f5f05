// A tone for each face, higher for better, made by the tablet itself; and short recordings of a voice.

const TONES = [220, 277, 330, 392, 494];
let context: AudioContext | undefined;

export function tone(score: number): void {
  try {
    context ??= new AudioContext();
    const note = context.createOscillator();
    const volume = context.createGain();
    note.frequency.value = TONES[score - 1]!;
    volume.gain.setValueAtTime(0.2, context.currentTime);
    volume.gain.exponentialRampToValueAtTime(0.001, context.currentTime + 0.25);
    note.connect(volume).connect(context.destination);
    note.start();
    note.stop(context.currentTime + 0.25);
  } catch {
    // a tablet without sound still votes
  }
}

export function play(address: string): void {
  void new Audio(address).play().catch(() => undefined);
}

// Begin to record; the promise of the recording as base64 is fulfilled by stopping.
export async function record(): Promise<{ stop: () => void; voice: Promise<string> }> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const parts: Blob[] = [];
  const recorder = new MediaRecorder(stream, { audioBitsPerSecond: 24_000 });
  recorder.ondataavailable = (event) => parts.push(event.data);
  const voice = new Promise<string>((done) => {
    recorder.onstop = () => {
      stream.getTracks().forEach((track) => track.stop());
      const reader = new FileReader();
      reader.onload = () => done(String(reader.result).split(",")[1] ?? "");
      reader.readAsDataURL(new Blob(parts, { type: recorder.mimeType }));
    };
  });
  recorder.start();
  const limit = setTimeout(() => recorder.state === "recording" && recorder.stop(), 60_000);
  return { stop: () => { clearTimeout(limit); recorder.stop(); }, voice };
}
