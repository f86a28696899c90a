// Several photographs → one PDF that holds each JPEG as the camera gave it, one a page.
// The server knows it by its second line and takes the photographs out again, byte for byte
// (adapters/photos.py). Source: ISO 32000-1 §7.5, §8.9.
"use strict";

(() => {
  const HEAD = "%PDF-1.4\n%Facteur photos 1\n"; // formats/detect.py, PHOTOS_MARK

  // Width, height and number of colours, from the JPEG's own frame header (ITU-T T.81 §B.2.2).
  async function sizeOf(blob) {
    const bytes = new DataView(await blob.slice(0, 512 * 1024).arrayBuffer());
    let at = 2;
    while (at + 9 < bytes.byteLength && bytes.getUint8(at) === 0xff) {
      const kind = bytes.getUint8(at + 1);
      if (kind === 0xff) { at += 1; continue; }
      const frame = kind >= 0xc0 && kind <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(kind);
      if (frame) return { height: bytes.getUint16(at + 5), width: bytes.getUint16(at + 7), colours: bytes.getUint8(at + 9) };
      at += 2 + bytes.getUint16(at + 2);
    }
    throw new Error("Cette photo n’est pas un JPEG.");
  }

  async function pdfOf(photos) {
    const parts = [HEAD];
    const places = [];
    let length = HEAD.length;
    const add = (part) => { parts.push(part); length += typeof part === "string" ? part.length : part.size; };
    const object = (number, text) => { places[number] = length; add(`${number} 0 obj\n${text}`); };
    const kids = photos.map((_one, at) => `${3 + at * 3} 0 R`).join(" ");
    object(1, "<< /Type /Catalog /Pages 2 0 R >>\nendobj\n");
    object(2, `<< /Type /Pages /Kids [${kids}] /Count ${photos.length} >>\nendobj\n`);
    for (const [at, photo] of photos.entries()) {
      const { width, height, colours } = await sizeOf(photo);
      const number = 3 + at * 3;
      const scale = 842 / Math.max(width, height);
      const box = `${(width * scale).toFixed(2)} ${(height * scale).toFixed(2)}`;
      const draw = `q ${box.replace(" ", " 0 0 ")} 0 0 cm /P Do Q`;
      object(number, `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${box}] /Resources << /XObject << /P ${number + 1} 0 R >> >> /Contents ${number + 2} 0 R >>\nendobj\n`);
      const space = colours === 1 ? "/DeviceGray" : "/DeviceRGB";
      object(number + 1, `<< /Type /XObject /Subtype /Image /Width ${width} /Height ${height} /ColorSpace ${space} /BitsPerComponent 8 /Filter /DCTDecode /Length ${photo.size} >>\nstream\n`);
      add(photo);
      add("\nendstream\nendobj\n");
      object(number + 2, `<< /Length ${draw.length} >>\nstream\n${draw}\nendstream\nendobj\n`);
    }
    const start = length;
    const entries = places.slice(1).map((place) => `${String(place).padStart(10, "0")} 00000 n \n`).join("");
    add(`xref\n0 ${places.length}\n0000000000 65535 f \n${entries}trailer\n<< /Size ${places.length} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`);
    return new Blob(parts, { type: "application/pdf" });
  }

  // A photograph as it came; another picture drawn again as a JPEG. Errors are for the user.
  async function jpegOf(blob) {
    if (blob.type === "image/jpeg") return blob;
    if (!blob.type.startsWith("image/")) throw new Error("Un PDF s’envoie seul : supprimez les autres pages, ou envoyez-le à part.");
    let image;
    try {
      image = await createImageBitmap(blob);
    } catch {
      throw new Error("Cette image ne peut pas être réunie aux autres sur cet appareil : envoyez-la seule.");
    }
    const canvas = document.createElement("canvas");
    canvas.width = image.width;
    canvas.height = image.height;
    canvas.getContext("2d").drawImage(image, 0, 0);
    return new Promise((resolve) => { canvas.toBlob(resolve, "image/jpeg", 0.95); });
  }

  self.facteurPdf = { pdfOf, jpegOf };
})();
