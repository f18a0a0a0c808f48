//! The few messages of ONNX that a network needs, in protobuf's wire format (field numbers: onnx.proto3 of ONNX 1.12).

/// `TensorProto.DataType`.
#[derive(Debug, Clone, Copy)]
pub(super) enum DataType {
    F32 = 1,
    I8 = 3,
    I64 = 7,
    F16 = 10,
}

/// What an operator is told beside its inputs.
#[derive(Debug, Clone, Copy)]
pub(super) enum Attribute<'a> {
    Int(i64),
    Ints(&'a [i64]),
    Float(f32),
}

/// A size that is known, or one that has a name.
#[derive(Debug, Clone, Copy)]
pub(super) enum Dimension<'a> {
    Known(usize),
    Named(&'a str),
}

/// One message under construction.
#[derive(Debug, Default)]
pub(super) struct Message(Vec<u8>);

impl Message {
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    pub fn int(&mut self, field: u64, value: i64) {
        self.varint(field << 3);
        // Negative numbers take ten bytes: two's complement of 64 bits.
        self.varint(value as u64);
    }

    pub fn bytes(&mut self, field: u64, bytes: &[u8]) {
        self.varint(field << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    pub fn text(&mut self, field: u64, text: &str) {
        self.bytes(field, text.as_bytes());
    }

    pub fn message(&mut self, field: u64, message: Message) {
        self.bytes(field, &message.0);
    }

    fn float(&mut self, field: u64, value: f32) {
        self.varint(field << 3 | 5);
        self.0.extend_from_slice(&value.to_le_bytes());
    }
}

/// `TensorProto` of little-endian `raw` numbers.
pub(super) fn tensor(name: &str, shape: &[usize], data_type: DataType, raw: &[u8]) -> Message {
    let mut message = Message::default();
    shape.iter().for_each(|size| message.int(1, *size as i64));
    message.int(2, data_type as i64);
    message.text(8, name);
    message.bytes(9, raw);
    message
}

/// `NodeProto`; it has the name of its first output.
pub(super) fn node(operator: &str, inputs: &[&str], output: &str, attributes: &[(&str, Attribute<'_>)]) -> Message {
    let mut message = Message::default();
    inputs.iter().for_each(|input| message.text(1, input));
    message.text(2, output);
    message.text(3, output);
    message.text(4, operator);
    for (name, value) in attributes {
        let mut attribute = Message::default();
        attribute.text(1, name);
        let kind = match value {
            Attribute::Float(value) => {
                attribute.float(2, *value);
                1
            }
            Attribute::Int(value) => {
                attribute.int(3, *value);
                2
            }
            Attribute::Ints(values) => {
                values.iter().for_each(|value| attribute.int(8, *value));
                7
            }
        };
        attribute.int(20, kind);
        message.message(5, attribute);
    }
    message
}

/// `ValueInfoProto` of a tensor of single-precision numbers.
pub(super) fn value(name: &str, shape: &[Dimension<'_>]) -> Message {
    let mut dimensions = Message::default();
    for size in shape {
        let mut dimension = Message::default();
        match size {
            Dimension::Known(size) => dimension.int(1, *size as i64),
            Dimension::Named(name) => dimension.text(2, name),
        }
        dimensions.message(1, dimension);
    }
    let mut tensor = Message::default();
    tensor.int(1, DataType::F32 as i64);
    tensor.message(2, dimensions);
    let mut kind = Message::default();
    kind.message(1, tensor);
    let mut message = Message::default();
    message.text(1, name);
    message.message(2, kind);
    message
}

/// `StringStringEntryProto`.
pub(super) fn entry(key: &str, value: &str) -> Message {
    let mut message = Message::default();
    message.text(1, key);
    message.text(2, value);
    message
}
