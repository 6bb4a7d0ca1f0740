//! A printed document: one page with number, date, total and, once it has one, the number in KSeF.

use super::TradeDocument;

/// The bytes of the file. The same document has the same bytes; acceptance by KSeF changes them.
pub(in crate::simulator) fn pdf(document: &TradeDocument) -> Vec<u8> {
    let mut lines = vec![
        document.numer.clone(),
        format!("Data: {}", document.data),
        format!("Razem brutto: {} {}", document.suma_brutto, document.waluta),
    ];
    lines.extend(document.ksef_numer.as_ref().map(|numer| format!("KSeF: {numer}")));
    let text: String = lines.iter().map(|line| format!("({}) Tj 0 -20 Td ", escaped(line))).collect();
    let stream = format!("BT /F1 14 Tf 50 780 Td {text}ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{stream}\nendstream", stream.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut file = String::from("%PDF-1.4\n");
    let mut table = String::from("0000000000 65535 f \n");
    for (number, object) in (1..).zip(&objects) {
        table.push_str(&format!("{:010} 00000 n \n", file.len()));
        file.push_str(&format!("{number} 0 obj\n{object}\nendobj\n"));
    }
    let (start, size) = (file.len(), objects.len() + 1);
    file.push_str(&format!("xref\n0 {size}\n{table}"));
    file.push_str(&format!("trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"));
    file.into_bytes()
}

/// Text as a PDF string of plain ASCII; other letters become question marks.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '(' | ')' | '\\') {
            escaped.push('\\');
        }
        escaped.push(if letter.is_ascii_graphic() || letter == ' ' { letter } else { '?' });
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn brackets_are_escaped_and_only_ascii_is_left() {
        assert_eq!(escaped(r"FV (1)\2 ż"), r"FV \(1\)\\2 ?");
    }
}
